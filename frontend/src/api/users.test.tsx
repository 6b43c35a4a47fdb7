import { QueryClientProvider } from '@tanstack/react-query';
import { act, renderHook, waitFor } from '@testing-library/react';
import type { ReactNode } from 'react';
import { expect, it, vi } from 'vitest';
import { testClient } from '@/shared/testing/render';

const server = await vi.hoisted(async () => (await import('@/shared/testing/server')).fakeServer());
const { useUsers } = await import('./users');
const { useExactUser } = await import('./user');

it('keeps an attribute called __proto__ when a list or a user is read again', async () => {
  const user = JSON.parse('{"user_id": "u1", "attributes": {"__proto__": "p", "plan": "a"}, "extended_profiles": {}}');
  let reads = 0;
  server.answers(({ path }) => {
    user.attributes.plan = `plan ${reads++}`; // an object that has changed is put together from both answers
    return { body: path === '/v4/users' ? { results: [user], next: null, previous: null } : { user, accounts: [] } };
  });
  const client = testClient();
  const wrapper = ({ children }: { children: ReactNode }) => (
    <QueryClientProvider client={client}>{children}</QueryClientProvider>
  );
  const query = { store: 'all', filter: null, search: '', sort: '' as const, cursor: null, limit: 25 };
  const hooks = () => ({ list: useUsers('meridian', query), one: useExactUser('meridian', 'u1') });
  const { result } = renderHook(hooks, { wrapper });
  await waitFor(() => expect(result.current.list.data && result.current.one.data).toBeDefined());
  await act(() => Promise.all([result.current.list.refetch(), result.current.one.refetch()]));
  expect(reads).toBe(4);
  await waitFor(() => {
    const { list, one } = result.current;
    for (const attributes of [list.data?.results[0]?.attributes, one.data?.user.attributes]) {
      expect(Object.entries(attributes ?? {})).toEqual([
        ['__proto__', 'p'],
        ['plan', expect.stringMatching(/plan [23]/)],
      ]);
    }
  });
});
