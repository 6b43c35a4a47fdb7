import type { Rolldown } from 'vite';

type Chunk = Rolldown.OutputChunk;

/** A screen of the console. */
export interface Screen {
  name: string;
  /** The entry whose document it has; without: the console. */
  entry?: 'console' | 'login';
  /** Its address. A segment "*" stands for any segment. */
  address: string;
  /** The modules that the address makes the entry load, as ends of their paths below src. */
  modules: string[];
  /** What a first visit may load of scripts, in bytes as browsers receive them (brotli). Without: any. */
  most?: number;
}

const frame = 'app/frame/frame.tsx';

/** The screens whose scripts are known before the console runs. */
export const screens: Screen[] = [
  { name: 'Log in', entry: 'login', address: '/login', modules: ['app/login/login-page.tsx'], most: 102_000 },
  {
    name: 'Forgot password',
    entry: 'login',
    address: '/forgot-password',
    modules: ['app/login/forgot-password-page.tsx'],
    most: 103_000,
  },
  { name: 'Reset password', entry: 'login', address: '/reset', modules: ['app/login/reset-page.tsx'], most: 108_000 },
  {
    name: 'Invitation',
    entry: 'login',
    address: '/invitation',
    modules: ['app/login/invitation-page.tsx'],
    most: 108_000,
  },
  {
    name: 'Users',
    address: '/t/*/users',
    modules: [frame, 'app/users-page.tsx', 'features/users/load-users.ts'],
    most: 160_000,
  },
  {
    name: 'Exports',
    address: '/t/*/exports',
    modules: [frame, 'features/exports/list/exports-page.tsx'],
    most: 201_000,
  },
  { name: 'Job', address: '/t/*/exports/*', modules: [frame, 'features/exports/detail/job-page.tsx'], most: 159_000 },
  {
    name: 'Outbox',
    address: '/t/*/outbox',
    modules: [frame, 'features/outbox/outbox-page.tsx'],
    most: 149_000,
  },
  {
    name: 'API keys',
    address: '/t/*/key-pairs',
    modules: [frame, 'features/key-pairs/key-pairs-page.tsx'],
    most: 155_000,
  },
  {
    name: 'Members',
    address: '/t/*/members',
    modules: [frame, 'features/members/members-page.tsx'],
    most: 190_000,
  },
  {
    name: 'Activity',
    address: '/t/*/audit-log',
    modules: [frame, 'features/audit-log/audit-log-page.tsx'],
    most: 196_000,
  },
  {
    name: 'Settings',
    address: '/t/*/settings',
    modules: [frame, 'features/settings/settings-page.tsx'],
    most: 185_000,
  },
  {
    name: 'Account',
    address: '/account',
    modules: [frame, 'app/account-page.tsx'],
    most: 170_000,
  },
];

/**
 * Returns the files of scripts that a first visit of a screen loads: the entry, the modules of the screen, and what
 * they import, each file after those that it imports. Throws if a part does not exist.
 */
export function firstVisit({ name, entry = 'console', modules }: Screen, bundle: Rolldown.OutputBundle): Chunk[] {
  const chunks = Object.values(bundle).filter((file) => file.type === 'chunk');
  const find = (what: string, test: (chunk: Chunk) => boolean) => {
    const chunk = chunks.find(test);
    if (!chunk) throw new Error(`${name}: ${what} is not in the bundle`);
    return chunk;
  };
  return withImports(
    [
      find('the entry', (chunk) => chunk.isEntry && chunk.name === entry),
      ...modules.map((module) =>
        find(module, ({ moduleIds }) => moduleIds.some((id) => id.endsWith(`/src/${module}`))),
      ),
    ],
    bundle,
  );
}

/** Returns the files and what they import, each file after those that it imports. */
export function withImports(chunks: Chunk[], bundle: Rolldown.OutputBundle): Chunk[] {
  const loaded = new Set<Chunk>();
  const load = (chunk: Chunk, path: Chunk[] = []) => {
    if (loaded.has(chunk) || path.includes(chunk)) return; // files may import each other
    for (const file of chunk.imports) {
      const imported = bundle[file];
      if (imported?.type === 'chunk') load(imported, [...path, chunk]);
    }
    loaded.add(chunk);
  };
  for (const chunk of chunks) load(chunk);
  return [...loaded];
}

/** Returns the names of the style sheets that the files load, in the order in which a page has them. */
export function sheetsOf(chunks: Chunk[]): string[] {
  return [...new Set(chunks.flatMap(({ viteMetadata }) => [...(viteMetadata?.importedCss ?? [])]))];
}
