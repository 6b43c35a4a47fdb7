import { expect, it, vi } from 'vitest';
import { ApiError } from './client';
import { keys } from './keys';
import { makeQueryClient } from './query-client';

it.each([
  [403, true],
  [404, true],
  [400, false],
])('refetches the logged-in admin after a %d: %s', async (status, asked) => {
  const client = makeQueryClient();
  client.setQueryData(keys.me, { email: 'amelia.hart@example.com' });
  const queryFn = () => Promise.reject(new ApiError(status, 'forbidden', 'No.'));
  await expect(client.fetchQuery({ queryKey: keys.settings('a'), queryFn })).rejects.toThrow('No.');
  expect(client.getQueryState(keys.me)?.isInvalidated).toBe(asked);
});

it('does not repeat a read that took too long', async () => {
  vi.useFakeTimers();
  const client = makeQueryClient();
  const queryFn = vi.fn().mockRejectedValue(new ApiError(503, 'timeout', 'The response took too long.'));
  const got = expect(client.fetchQuery({ queryKey: keys.settings('a'), queryFn })).rejects.toThrow('too long');
  await vi.runAllTimersAsync();
  await got;
  expect(queryFn).toHaveBeenCalledTimes(1);
  vi.useRealTimers();
});

it('repeats a read for which the tenant had no place', async () => {
  vi.useFakeTimers();
  const client = makeQueryClient();
  const queryFn = vi
    .fn()
    .mockRejectedValueOnce(new ApiError(429, 'tenant_busy', 'Wait.'))
    .mockResolvedValue('done');
  const got = client.fetchQuery({ queryKey: keys.settings('a'), queryFn });
  await vi.runAllTimersAsync();
  await expect(got).resolves.toBe('done');
  expect(queryFn).toHaveBeenCalledTimes(2);
  vi.useRealTimers();
});
