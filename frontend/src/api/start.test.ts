// @vitest-environment jsdom
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';

const source = await readFile(join(import.meta.dirname, '../../start.js'), 'utf8');
const fetch = vi.fn(async (_url: string, _init: RequestInit) => new Response());

beforeEach(() => {
  localStorage.setItem('egress-session', 'begun');
  vi.stubGlobal('fetch', fetch);
});
afterEach(() => {
  vi.unstubAllGlobals();
  fetch.mockClear();
  localStorage.clear();
  history.replaceState(null, '', '/');
  Reflect.deleteProperty(document, 'currentScript');
  delete window.egressAsked;
});

// Runs start.js at an address, as a document with these attributes does. Returns what it asks for.
function start(address: string, dataset: Record<string, string>): string[] {
  history.replaceState(null, '', address);
  window.matchMedia ??= () => new EventTarget() as MediaQueryList;
  const script = Object.assign(document.createElement('script'), {});
  Object.assign(script.dataset, dataset);
  Object.defineProperty(document, 'currentScript', { value: script, configurable: true });
  new Function(source)();
  return fetch.mock.calls.map(([url, { headers }]) => {
    const { 'Egress-Tenant': tenant, ...others } = headers as Record<string, string>;
    expect(others).toEqual({ 'X-Requested-With': 'egress' });
    return `${url.replace(location.origin, '')} of ${tenant ?? 'the admin'}`;
  });
}

it('asks for what the document names, in the tenant of the address', () => {
  const asked = start('/t/meridian/users', { own: '/v4/me /v4/account', asks: '/v4/users?store=all /v4/user-schema' });
  expect(asked).toEqual([
    '/v4/me of the admin',
    '/v4/account of the admin',
    '/v4/users?store=all of meridian',
    '/v4/user-schema of meridian',
  ]);
  expect(window.egressAsked?.map(({ tenant }) => tenant)).toEqual([null, null, 'meridian', 'meridian']);
});

it('completes names by the end of the address and the time zone', () => {
  const zone = encodeURIComponent(Intl.DateTimeFormat().resolvedOptions().timeZone);
  expect(start('/t/m/exports/$&', { asks: '/v4/user-export-jobs/* /v4/export-days?timeZone={timeZone}' })).toEqual([
    '/v4/user-export-jobs/$& of m',
    `/v4/export-days?timeZone=${zone} of m`,
  ]);
});

it('leaves requests with parameters to the screen if the address has a filter', () => {
  expect(start('/t/m/users?filter=x', { asks: '/v4/users?store=all /v4/user-schema' })).toEqual([
    '/v4/user-schema of m',
  ]);
});

it('asks for nothing before a log-in, outside of a tenant, or where the document names nothing', () => {
  expect(start('/t/m/users', {})).toEqual([]);
  expect(start('/account', { asks: '/v4/settings' })).toEqual([]);
  expect(start('/t/%E0%A4%A/users', { asks: '/v4/settings' })).toEqual([]);
  localStorage.removeItem('egress-session');
  expect(start('/t/m/users', { own: '/v4/me', asks: '/v4/settings' })).toEqual([]);
  expect(window.egressAsked ?? []).toEqual([]);
});
