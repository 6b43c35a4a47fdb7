import { afterEach, expect, it, vi } from 'vitest';
import { prefetchConsole } from './prefetch-console';

afterEach(() => {
  vi.unstubAllGlobals();
  document.head.replaceChildren();
});

const links = () => [...document.head.querySelectorAll('link[rel=prefetch]')].map((link) => link.getAttribute('href'));

it('prefetches what the Users screen loads and this page does not have', async () => {
  document.head.innerHTML = '<link rel="modulepreload" href="/assets/base.js">';
  const screen = `<head>
    <script data-own="/v4/me">start()</script>
    <script type="module" src="/assets/console.js"></script>
    <link rel="modulepreload" href="/assets/base.js">
    <link rel="modulepreload" href="/assets/router.js">
    <link rel="stylesheet" href="/assets/theme.css">
    <link rel="stylesheet" href="/assets/frame.css" disabled>
    <style>.frame {}</style>
    <link rel="icon" href="/favicon.svg">
  </head>`;
  const fetch = vi.fn().mockResolvedValue(new Response(screen));
  vi.stubGlobal('fetch', fetch);
  await prefetchConsole();
  expect(fetch.mock.calls).toEqual([['/documents/users.html', { priority: 'low' }]]);
  expect(links()).toEqual(['/assets/console.js', '/assets/router.js', '/assets/theme.css']);
});

it('prefetches nothing if the server does not have the document', async () => {
  vi.stubGlobal(
    'fetch',
    vi.fn().mockResolvedValue(new Response('<script type="module" src="/x.js">', { status: 404 })),
  );
  await prefetchConsole();
  expect(links()).toEqual([]);
});
