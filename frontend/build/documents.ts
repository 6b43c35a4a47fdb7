import { createHash } from 'node:crypto';
import type { Plugin, Rolldown } from 'vite';
import { firstVisit, type Screen, screens, sheetsOf } from './screens.ts';

/** What the server has to know about the pages (internal/api/webui). */
interface Pages {
  /** The hash of start.js, the only script inside a page, as the content security policy names it: "sha256-…". */
  start: string;
  /** The address of each screen and the file of its document. */
  documents: { address: string; file: string }[];
}

// The lines of an entry's HTML that load its scripts and style sheets.
const ofEntry = /^ *<(?:script type="module" crossorigin|link rel="(?:modulepreload|stylesheet)") .*\n/gm;
// The style sheet that all pages share stays a file. It holds the theme, and is larger than all others of a page.
const sharedSheet = /^assets\/base-[^/]*\.css$/;

/**
 * Writes a document for each screen: the HTML of its entry with the scripts and style sheets that the screen loads. A
 * browser then loads them at once, instead of one after the other as the entry asks for them. It also runs each file when
 * it is there, in a task of its own, instead of all in one after the last. Small style sheets are inside the document:
 * as files they would come before the scripts and use the browser's connections. `documents/list.json` says which document
 * belongs to which address, and which script inside the pages may run.
 */
export function documents(): Plugin {
  return {
    name: 'egress:documents',
    enforce: 'post',
    // Without a build, the addresses of the log-in entry still need its HTML.
    configureServer({ middlewares }) {
      const addresses = new Set(screens.filter(({ entry }) => entry === 'login').map(({ address }) => address));
      middlewares.use((request, _response, next) => {
        if (addresses.has(request.url?.split('?')[0] ?? '')) request.url = '/login.html';
        next();
      });
    },
    generateBundle: {
      order: 'post',
      handler(_options, bundle) {
        const list: Pages = { start: hashOfStart(bundle), documents: [] };
        for (const screen of screens) {
          const source = bundle[screen.entry === 'login' ? 'login.html' : 'index.html'];
          if (source?.type !== 'asset') return this.error(`${screen.name}: its HTML is not in the bundle`);
          const html = String(source.source);
          const chunks = firstVisit(screen, bundle);
          const sheets = sheetsOf(chunks).map((sheet) => styleOf(sheet, bundle));
          // The largest first: the browser has six connections, and the last file decides.
          const scripts = chunks
            .toSorted((a, b) => b.code.length - a.code.length)
            .map(({ fileName }) => `    <script type="module" async crossorigin src="/${fileName}"></script>\n`);
          const file = `documents/${screen.name.toLowerCase().replace(' ', '-')}.html`;
          this.emitFile({
            type: 'asset',
            fileName: file,
            source: html
              .replaceAll(ofEntry, '')
              .replace(' data-own="/v4/me"', (own) => asked(own, screen))
              .replace('  </head>', () => `${[...sheets, ...scripts].join('')}  </head>`),
          });
          list.documents.push({ address: screen.address, file });
        }
        this.emitFile({ type: 'asset', fileName: 'documents/list.json', source: JSON.stringify(list) });
      },
    },
  };
}

// Returns the HTML for a style sheet. Next to what is inside the document stands a disabled link, which loads nothing: so a
// part of the console that needs the sheet, too, finds it and does not load it again (Vite's preload helper).
function styleOf(sheet: string, bundle: Rolldown.OutputBundle): string {
  const link = `<link rel="stylesheet" crossorigin href="/${sheet}"`;
  if (sharedSheet.test(sheet)) return `    ${link}>\n`;
  const file = bundle[sheet];
  const css = file?.type === 'asset' ? String(file.source).trim() : '';
  if (!css || css.includes('</style')) throw new Error(`${sheet} cannot be inside a document`);
  return `    ${link} disabled>\n    <style>${css}</style>\n`;
}

// Returns the hash of the script that is inside the pages. It is the same in all of them.
function hashOfStart(bundle: Rolldown.OutputBundle): string {
  const pages = Object.values(bundle)
    .filter((file) => file.type === 'asset')
    .filter((file) => file.fileName.endsWith('.html'));
  const scripts = pages.map((page) => /<script(?: data-[^>]*)?>(.+?)<\/script>/s.exec(String(page.source))?.[1]);
  const [first] = scripts;
  if (!first || scripts.some((script) => script !== first)) throw new Error('start.js is not in every page');
  return `sha256-${createHash('sha256').update(first).digest('base64')}`;
}

// Adds the first requests of a screen to the attributes of start.js.
function asked(ofEntry: string, { own = [], asks = [] }: Screen): string {
  const list = (names: string[]) => names.map((name) => name.replaceAll('&', '&amp;')).join(' ');
  const tenant = asks.length > 0 ? ` data-asks="${list(asks)}"` : '';
  return ofEntry.replace(/"$/, own.length > 0 ? ` ${list(own)}"` : '"') + tenant;
}
