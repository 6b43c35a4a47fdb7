import type { Plugin } from 'vite';
import { firstVisit, screens, sheetsOf } from './screens.ts';

/** The address of a screen and the file of its document. The server reads the list (internal/api/webui). */
interface Document {
  address: string;
  file: string;
}

/**
 * Writes a document for each screen: the HTML of its entry with the scripts and style sheets that the screen loads. A
 * browser then loads them at once, instead of one after the other as the entry asks for them. `documents/list.json` says
 * which document belongs to which address.
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
        const list: Document[] = [];
        for (const screen of screens) {
          const source = bundle[screen.entry === 'login' ? 'login.html' : 'index.html'];
          if (source?.type !== 'asset') return this.error(`${screen.name}: its HTML is not in the bundle`);
          const html = String(source.source);
          const chunks = firstVisit(screen, bundle);
          const links = [
            ...chunks.map(({ fileName }) => ({ rel: 'modulepreload', href: `/${fileName}` })),
            ...sheetsOf(chunks).map((file) => ({ rel: 'stylesheet', href: `/${file}` })),
          ]
            .filter(({ href }) => !html.includes(`"${href}"`))
            .map(({ rel, href }) => `    <link rel="${rel}" crossorigin href="${href}">\n`);
          const file = `documents/${screen.name.toLowerCase().replace(' ', '-')}.html`;
          this.emitFile({
            type: 'asset',
            fileName: file,
            source: html.replace('  </head>', () => `${links.join('')}  </head>`),
          });
          list.push({ address: screen.address, file });
        }
        this.emitFile({ type: 'asset', fileName: 'documents/list.json', source: JSON.stringify(list) });
      },
    },
  };
}
