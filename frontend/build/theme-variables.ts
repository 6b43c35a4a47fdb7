import { fileURLToPath } from 'node:url';
import { type Plugin, runnerImport } from 'vite';

const source = fileURLToPath(new URL('../src/shared/theme/variables.ts', import.meta.url));

/**
 * Provides the style sheet `virtual:theme-variables.css`: the CSS variables of the theme. MantineProvider would compute and
 * insert them during the first rendering, on every page.
 */
export function themeVariables(): Plugin {
  return {
    name: 'egress:theme-variables',
    resolveId: {
      filter: { id: /^virtual:theme-variables\.css$/ },
      handler: (id) => `\0${id}`,
    },
    load: {
      filter: { id: /^\0virtual:theme-variables\.css$/ },
      handler: async () => (await runnerImport<{ css: string }>(source)).module.css,
    },
  };
}
