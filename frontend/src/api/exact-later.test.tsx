import { QueryClientProvider } from '@tanstack/react-query';
import { act, renderHook, waitFor } from '@testing-library/react';
import type { ReactNode } from 'react';
import { expect, it, vi } from 'vitest';
import { gate } from '@/shared/testing/gate';
import { testClient } from '@/shared/testing/render';
import type { UserCount } from './client';

const server = await vi.hoisted(async () => (await import('@/shared/testing/server')).fakeServer());
const { useUserCount } = await import('./users');

const query = { store: 'all', filter: null, search: 'hart' };
const estimate: UserCount = { users: 12_000, accuracy: 'estimate' };
const exact: UserCount = { users: 12_345, accuracy: 'exact' };

function setup() {
  server.asked.length = 0;
  const client = testClient();
  const wrapper = ({ children }: { children: ReactNode }) => (
    <QueryClientProvider client={client}>{children}</QueryClientProvider>
  );
  return renderHook(() => useUserCount('meridian', query), { wrapper }).result;
}

const asked = () => server.asked.map(({ path, query }) => path + query);

it('shows the estimate until the exact number is there, and the exact number until the next one', async () => {
  let counted = gate();
  server.answers(async ({ query }) => {
    if (query) return { body: estimate };
    await counted.opened;
    return { body: { ...exact, users: exact.users + asked().length } };
  });
  const result = setup();
  await waitFor(() => expect(result.current.data).toEqual(estimate));
  expect(result.current).toMatchObject({ isFetching: true, isPlaceholderData: false });
  counted.open();
  await waitFor(() => expect(result.current.data).toEqual({ users: 12_347, accuracy: 'exact' }));
  expect(asked()).toEqual(['/v4/user-counts?estimate=true', '/v4/user-counts']);
  expect(result.current.isFetching).toBe(false);

  counted = gate();
  void result.current.refetch();
  await waitFor(() => expect(asked()).toHaveLength(3));
  expect(result.current.data).toEqual({ users: 12_347, accuracy: 'exact' });
  counted.open();
  await waitFor(() => expect(result.current.data?.users).toBe(12_348));
  expect(asked()[2]).toBe('/v4/user-counts');
});

it('asks once where counting is quick', async () => {
  server.answers(() => ({ body: exact }));
  const result = setup();
  await waitFor(() => expect(result.current.data).toEqual(exact));
  expect(asked()).toEqual(['/v4/user-counts?estimate=true']);
});

it('keeps the estimate and reports the error where the users cannot be counted', async () => {
  server.answers(({ query }) =>
    query ? { body: estimate } : { status: 503, body: { code: 'unavailable', detail: 'Try later.' } },
  );
  const result = setup();
  await waitFor(() => expect(result.current.isError).toBe(true));
  expect(result.current.data).toEqual(estimate);
  server.answers(() => ({ body: exact }));
  await act(() => result.current.refetch());
  await waitFor(() => expect(result.current.data).toEqual(exact));
});
