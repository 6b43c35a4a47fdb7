import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { load } from 'js-yaml';
import type { Plugin } from 'vite';
import type { Document } from './document.ts';
import { renderReference } from './page.ts';

const source = fileURLToPath(new URL('../../../internal/api/openapi.yaml', import.meta.url));
const place = '<!-- reference -->';

/** Returns the OpenAPI document of the server. */
export async function readDocument(): Promise<Document> {
  return load(await readFile(source, 'utf8')) as Document;
}

/** Writes the API reference, rendered from openapi.yaml, into the page that has the place for it. */
export function reference(): Plugin {
  return {
    name: 'egress:reference',
    async transformIndexHtml(html) {
      return html.includes(place) ? html.replace(place, renderReference(await readDocument())) : html;
    },
  };
}
