import { expect, it } from 'vitest';

it('leaves the limits of time to vite.config.ts, because vi.waitFor gives up after 1 s on a busy machine', () => {
  const sources = import.meta.glob<string>(['/src/**/*.test.{ts,tsx}', '/build/*.test.ts'], {
    query: '?raw',
    import: 'default',
    eager: true,
  });
  expect(Object.keys(sources).length).toBeGreaterThan(100);
  const ownLimit = /\bvi\.wait|\btimeout: [\d_]+ *\}|^\}, [\d_]+\);/m;
  const limited = Object.entries(sources).filter(([, text]) => ownLimit.test(text));
  expect(limited.map(([path]) => path)).toEqual([]);
});
