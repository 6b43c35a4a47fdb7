import { execFile } from 'node:child_process';
import { cp, mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, it } from 'vitest';

const root = fileURLToPath(new URL('../..', import.meta.url));
const src = join(root, 'frontend/src');

// Each file of this project has one import that Biome must refuse, or none.
const files: Record<string, { text: string; refused: 'noRestrictedImports' | 'noImportCycles' | null }> = {
  'api/up.ts': { text: `import '@/jobs/down';`, refused: 'noRestrictedImports' },
  'api/up.test.ts': { text: `import '@/shared/ui/down';`, refused: 'noRestrictedImports' },
  'api/down.test.ts': { text: `import '@/shared/testing/down';`, refused: null },
  'shared/ui/up.ts': { text: `import '../../jobs/down';`, refused: 'noRestrictedImports' },
  'shared/ui/down.ts': { text: `import '@/api/plain';`, refused: null },
  'jobs/up.ts': { text: `import '@/downloads/down';`, refused: 'noRestrictedImports' },
  'jobs/down.ts': { text: `import '@/shared/ui/down';`, refused: null },
  'downloads/up.ts': { text: `import('@/features/one/down');`, refused: 'noRestrictedImports' },
  'downloads/down.ts': { text: `import '@/jobs/down';`, refused: null },
  'filter/across.ts': { text: `import '@/downloads/down';`, refused: 'noRestrictedImports' },
  'filter/down.ts': { text: `import '@/shared/ui/down';`, refused: null },
  'features/one/up.ts': { text: `export * from '@/app/main';`, refused: 'noRestrictedImports' },
  'features/one/across.ts': { text: `import '@/features/two/plain';`, refused: 'noRestrictedImports' },
  'features/one/across-relative.ts': { text: `import '../two/plain';`, refused: 'noRestrictedImports' },
  'features/one/list/across.ts': { text: `import '../../two/plain';`, refused: 'noRestrictedImports' },
  'features/one/list/within.ts': { text: `import '../down';`, refused: null },
  'features/one/down.ts': { text: `import '@/filter/down';`, refused: null },
  'app/main.ts': { text: `import '@/features/one/down';`, refused: null },
  'api/cycle.ts': {
    text: `import type { B } from './cycle-of-types';\nexport type A = B;`,
    refused: 'noImportCycles',
  },
  'api/cycle-of-types.ts': {
    text: `import type { A } from './cycle';\nexport type B = A | null;`,
    refused: 'noImportCycles',
  },
};
const targets = ['api/plain.ts', 'features/two/plain.ts', 'shared/testing/down.ts'];

let project: string;
beforeAll(async () => {
  project = await mkdtemp(join(tmpdir(), 'egress-imports-'));
  for (const path of ['biome.json', 'tsconfig.json', 'frontend/src/tsconfig.json']) await copy(path);
  for (const [path, { text }] of Object.entries(files)) await write(path, `${text}\n`);
  for (const path of targets) await write(path, 'export {};\n');
});
afterAll(() => rm(project, { recursive: true, force: true }));

async function copy(path: string): Promise<void> {
  await mkdir(dirname(join(project, path)), { recursive: true });
  await cp(join(root, path), join(project, path));
}

async function write(path: string, text: string): Promise<void> {
  const file = join(project, 'frontend/src', path);
  await mkdir(dirname(file), { recursive: true });
  await writeFile(file, text);
}

// What Biome refuses about imports, as lines of "file rule".
function refusals(): Promise<string[]> {
  const args = ['lint', '--max-diagnostics=none', '--reporter=github', 'frontend/src'];
  return new Promise((done) => {
    execFile(join(root, 'node_modules/.bin/biome'), args, { cwd: project }, (_error, stdout) => {
      const found = stdout.matchAll(
        /title=lint\/\w+\/(noRestrictedImports|noImportCycles),file=[^,]*frontend\/src\/([^,]+)/g,
      );
      done([...new Set([...found].map(([, rule, file]) => `${file} ${rule}`))].sort());
    });
  });
}

it('refuses an import of a higher layer, of another feature, and in a circle', async () => {
  const wanted = Object.entries(files).flatMap(([path, { refused }]) => (refused ? [`${path} ${refused}`] : []));
  expect(await refusals()).toEqual(wanted.sort());
});

// The folders that each folder imports, by the folder's path below src. Tests may use what is above
// them.
async function folderImports(): Promise<Map<string, Set<string>>> {
  const graph = new Map<string, Set<string>>();
  for (const entry of await readdir(src, { recursive: true, withFileTypes: true })) {
    if (!entry.isFile() || !/\.tsx?$/.test(entry.name) || /\.test\./.test(entry.name)) continue;
    const from = entry.parentPath;
    const imported = graph.get(from) ?? new Set();
    const text = await readFile(join(from, entry.name), 'utf8');
    for (const [, path = ''] of text.matchAll(/(?:from|import) ?\(?'([.@]{1,2}\/[^']+)'/g)) {
      const to = dirname(path.startsWith('@/') ? join(src, path.slice(2)) : resolve(from, path));
      if (to !== from && to.startsWith(src)) imported.add(to);
    }
    graph.set(from, imported);
  }
  return graph;
}

it('has no circle of folders', async () => {
  const graph = await folderImports();
  expect(graph.size).toBeGreaterThan(10);
  // Folders that import nothing that is left are taken away; what stays at last is in a circle.
  for (let size = -1; size !== graph.size; ) {
    size = graph.size;
    for (const [folder, imported] of graph) if (![...imported].some((to) => graph.has(to))) graph.delete(folder);
  }
  expect([...graph.keys()].map((folder) => folder.slice(src.length + 1))).toEqual([]);
});
