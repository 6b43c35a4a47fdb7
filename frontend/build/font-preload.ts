import type { Plugin } from 'vite';

const font = /\/inter-latin-wght-normal-[^/]*\.woff2$/;

/** Preloads the font of the console's text, which browsers otherwise find only after the style sheet and the first text. */
export function fontPreload(): Plugin {
  return {
    name: 'egress:font-preload',
    apply: 'build',
    transformIndexHtml: {
      order: 'post',
      handler(_html, { bundle }) {
        const file = Object.keys(bundle ?? {}).find((name) => font.test(name));
        if (!file) throw new Error('the font to preload is not in the bundle');
        const attrs = { rel: 'preload', href: `/${file}`, as: 'font', type: 'font/woff2', crossorigin: '' };
        return [{ tag: 'link', attrs, injectTo: 'head' }];
      },
    },
  };
}
