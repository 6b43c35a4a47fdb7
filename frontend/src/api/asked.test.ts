// @vitest-environment jsdom
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { takeAsked } from './asked';
import { answered, api, inTenant } from './client';
import { sessionBegan, sessionLeft } from './session';

const answer = (text: string) => Promise.resolve(Response.json({ text }));
const url = (path: string) => location.origin + path;
const asks = (path: string, tenant: string | null) => ({ url: url(path), tenant, answer: answer(path) });
const request = (path: string, tenant?: string) =>
  new Request(url(path), { headers: tenant === undefined ? {} : inTenant(tenant) });

let now = 0;
beforeEach(() => {
  now = 0;
  vi.spyOn(performance, 'now').mockImplementation(() => now);
});
afterEach(() => {
  vi.restoreAllMocks();
  vi.unstubAllGlobals();
  delete window.egressAsked;
});

it('takes the answer to the same request once', async () => {
  window.egressAsked = [asks('/v4/me', null), asks('/v4/settings', 'meridian')];
  expect(await (await takeAsked(request('/v4/settings', 'meridian')))?.json()).toEqual({ text: '/v4/settings' });
  expect(takeAsked(request('/v4/settings', 'meridian'))).toBeUndefined();
  expect(takeAsked(request('/v4/me'))).toBeDefined();
});

it.each([
  ['another address', '/v4/settings?x=1', 'meridian'],
  ['another tenant', '/v4/settings', 'northwind'],
  ['no tenant', '/v4/settings', undefined],
])('takes no answer to a request of %s', (_, path, tenant) => {
  window.egressAsked = [asks('/v4/settings', 'meridian')];
  expect(takeAsked(request(path, tenant))).toBeUndefined();
  expect(window.egressAsked).toHaveLength(1);
});

it('takes no answer long after the scripts have loaded, and none where nothing was asked', () => {
  window.egressAsked = [asks('/v4/me', null)];
  now = 1e9;
  expect(takeAsked(request('/v4/me'))).toBeUndefined();
  now = 0;
  delete window.egressAsked;
  expect(takeAsked(request('/v4/me'))).toBeUndefined();
});

it.each([
  ['log-in', sessionBegan],
  ['log-out', sessionLeft],
])('takes no answer to the session before a %s', (_, replaced) => {
  window.egressAsked = [asks('/v4/me', null)];
  replaced();
  expect(takeAsked(request('/v4/me'))).toBeUndefined();
});

it('serves the client, which asks itself afterwards', async () => {
  const fetch = vi.fn(() => answer('fetched'));
  vi.stubGlobal('fetch', fetch);
  window.egressAsked = [asks('/v4/settings', 'meridian')];
  const ask = () => answered(api.GET('/v4/settings', { params: { header: inTenant('meridian') } }));
  expect(await ask()).toEqual({ text: '/v4/settings' });
  expect(fetch).not.toHaveBeenCalled();
  expect(await ask()).toEqual({ text: 'fetched' });
  expect(fetch).toHaveBeenCalledOnce();
});

it('reports a failure to the reader, who may ask again', async () => {
  const fetch = vi.fn(() => answer('fetched'));
  vi.stubGlobal('fetch', fetch);
  const failed = Promise.reject(new TypeError('Failed to fetch'));
  failed.catch(() => {});
  window.egressAsked = [{ ...asks('/v4/me', null), answer: failed }];
  await expect(answered(api.GET('/v4/me'))).rejects.toMatchObject({ status: 0 });
  expect(await answered(api.GET('/v4/me'))).toEqual({ text: 'fetched' });
});
