import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { minify, type Plugin } from 'vite';

const source = fileURLToPath(new URL('../start.js', import.meta.url));

/**
 * Puts start.js into the head of each page that names it: it runs as soon as the browser has the page, without a
 * request. The content security policy allows it by its hash (documents.ts).
 */
export function start(): Plugin {
  return {
    name: 'egress:start',
    transformIndexHtml: {
      order: 'pre',
      async handler(html) {
        const { code, errors } = await minify('start.js', await readFile(source, 'utf8'));
        if (errors[0]) throw new Error(`start.js: ${errors[0].message}`);
        return html.replace(/<script src="\/start\.js"([^>]*)>/, (_, rest) => `<script${rest}>${code.trim()}`);
      },
    },
  };
}
