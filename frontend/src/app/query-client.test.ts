import { expect, it } from 'vitest';
import { ApiError } from '@/shared/api/client';
import { keys } from '@/shared/api/keys';
import { makeQueryClient } from './query-client';

it.each([
  [403, true],
  [404, true],
  [400, false],
])('asks anew who is logged in after a %d: %s', async (status, asked) => {
  const client = makeQueryClient();
  client.setQueryData(keys.me, { email: 'amelia.hart@example.com' });
  const queryFn = () => Promise.reject(new ApiError(status, 'forbidden', 'No.'));
  await expect(client.fetchQuery({ queryKey: keys.settings('a'), queryFn })).rejects.toThrow('No.');
  expect(client.getQueryState(keys.me)?.isInvalidated).toBe(asked);
});
