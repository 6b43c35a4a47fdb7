import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { build, type Rolldown } from 'vite';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { componentStyles } from './component-styles.ts';

let root: string;
beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'egress-styles-'));
});
afterEach(() => rm(root, { recursive: true, force: true }));

// A package of the form of Mantine's: Box is built from Frame and Text, and imports its own class names before them.
const component = (name: string, parts: string[]) => `
  import classes from './${name}.module.mjs';
  ${parts.map((part) => `import { ${part} } from '../${part}/${part}.mjs';`).join('\n')}
  export const ${name} = () => [classes.root, ${parts.map((part) => `${part}()`).join(', ')}];
`;
const parts = { Box: ['Text', 'Frame'], Frame: [], Text: [], Unused: ['Text'] };
const rule = (name: string) => `@layer mantine {.m_${name} {color: red}}`;

async function writePackage(without = ''): Promise<string> {
  const files = new Map([
    ['package.json', JSON.stringify({ name: '@mantine/core', type: 'module', sideEffects: ['*.css'] })],
    ['styles/global.layer.css', '@layer mantine {:root {--global: 1px}}'],
    [
      'styles.layer.css',
      `@layer mantine {:root {--global: 1px}}\n${['Frame', 'Text', 'Box', 'Unused'].map(rule).join('\n')}`,
    ],
    [
      'esm/index.mjs',
      Object.keys(parts)
        .map((name) => `export { ${name} } from './components/${name}/${name}.mjs';`)
        .join('\n'),
    ],
  ]);
  for (const [name, built] of Object.entries(parts)) {
    const folder = `esm/components/${name}`;
    files.set(`${folder}/${name}.mjs`, component(name, built));
    files.set(`${folder}/${name}.module.mjs`, `const classes = { root: 'm_${name}' };\nexport { classes as default };`);
    if (name !== without) files.set(`styles/${name}.layer.css`, rule(name));
  }
  const dir = join(root, 'node_modules/@mantine/core');
  for (const [path, text] of files) await write(join(dir, path), text);
  return dir;
}

async function write(file: string, text: string): Promise<void> {
  await mkdir(dirname(file), { recursive: true });
  await writeFile(file, text);
}

// The style sheets of a build of these files: the name of each, and what it contains, in order.
async function sheets(dir: string, files: Record<string, string>): Promise<Record<string, string[]>> {
  for (const [path, text] of Object.entries(files)) await write(join(root, path), text);
  const { output } = (await build({
    root,
    configFile: false,
    logLevel: 'silent',
    plugins: [componentStyles(dir)],
    resolve: { alias: [{ find: /^@mantine\/core$/, replacement: join(dir, 'esm/index.mjs') }] },
    build: {
      write: false,
      cssMinify: false,
      rolldownOptions: { input: join(root, 'main.js'), output: { assetFileNames: '[name].[ext]' } },
    },
  })) as Rolldown.RolldownOutput;
  const css = output
    .filter((file) => file.type === 'asset')
    .map((file) => [file.fileName, String(file.source)] as const);
  return Object.fromEntries(
    css.map(([name, text]) => [name, [...text.matchAll(/--global|m_(\w+)/g)].map(([all, own]) => own ?? all)]),
  );
}

describe('the style sheets of components', () => {
  it('are imported with the components that are used, each after those of its parts', async () => {
    const main = `import '@mantine/core/styles.layer.css';
      import { Box } from '@mantine/core';
      console.log(Box());`;
    expect(await sheets(await writePackage(), { 'main.js': main })).toEqual({
      'main.css': ['--global', 'Frame', 'Text', 'Box'],
    });
  });

  it('are loaded with the code of the component', async () => {
    const files = {
      'main.js': `import '@mantine/core/styles.layer.css';
        import { Text } from '@mantine/core';
        console.log(Text());
        import('./later.js');`,
      'later.js': `import { Box } from '@mantine/core';
        console.log(Box());`,
    };
    expect(await sheets(await writePackage(), files)).toEqual({
      'main.css': ['--global', 'Text'],
      'later.css': ['Frame', 'Box'],
    });
  });

  it('stop a build if one is missing', async () => {
    const main = `import { Box } from '@mantine/core'; console.log(Box());`;
    await expect(sheets(await writePackage('Frame'), { 'main.js': main })).rejects.toThrow(
      'Frame of Mantine has no style sheet',
    );
  });
});
