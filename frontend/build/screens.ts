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
  /** The first requests of the screen in its tenant, which start.js makes: "*" is the last segment of the address. */
  asks?: string[];
  /** The same for requests that name no tenant. */
  own?: string[];
  /** What a first visit may load of scripts, in bytes as browsers receive them (brotli). Without: any. */
  most?: number;
}

const frame = 'app/frame/frame.tsx';

/** The screens whose scripts are known before the console runs. */
export const screens: Screen[] = [
  { name: 'Log in', entry: 'login', address: '/login', modules: ['app/login/login-page.tsx'], most: 103_000 },
  {
    name: 'Forgot password',
    entry: 'login',
    address: '/forgot-password',
    modules: ['app/login/forgot-password-page.tsx'],
    most: 104_000,
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
    asks: ['/v4/users?store=all&limit=25', '/v4/user-schema', '/v4/user-stores'],
    most: 164_000,
  },
  {
    name: 'Exports',
    address: '/t/*/exports',
    modules: [frame, 'features/exports/list/exports-page.tsx'],
    asks: ['/v4/user-export-jobs?limit=50', '/v4/export-days?timeZone={timeZone}'],
    most: 168_000,
  },
  {
    name: 'Job',
    address: '/t/*/exports/*',
    modules: [frame, 'features/exports/detail/job-page.tsx'],
    asks: ['/v4/user-export-jobs/*'],
    most: 161_000,
  },
  {
    name: 'Outbox',
    address: '/t/*/outbox',
    modules: [frame, 'features/outbox/outbox-page.tsx'],
    asks: ['/v4/outbox?limit=50'],
    most: 151_000,
  },
  {
    name: 'API keys',
    address: '/t/*/key-pairs',
    modules: [frame, 'features/key-pairs/key-pairs-page.tsx'],
    asks: ['/v4/key-pairs'],
    most: 157_000,
  },
  {
    name: 'Members',
    address: '/t/*/members',
    modules: [frame, 'features/members/members-page.tsx'],
    asks: ['/v4/admins'],
    most: 158_000,
  },
  {
    name: 'Activity',
    address: '/t/*/audit-log',
    modules: [frame, 'features/audit-log/audit-log-page.tsx'],
    asks: ['/v4/audit-log?limit=50'],
    most: 164_000,
  },
  {
    name: 'Settings',
    address: '/t/*/settings',
    modules: [frame, 'features/settings/settings-page.tsx'],
    asks: ['/v4/features', '/v4/settings', '/v4/user-stores', '/v4/kept-file-days?timeZone={timeZone}'],
    own: ['/v4/account/sessions'],
    most: 154_000,
  },
  {
    name: 'Account',
    address: '/account',
    modules: [frame, 'app/account-page.tsx'],
    own: ['/v4/account', '/v4/account/sessions'],
    most: 171_000,
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
