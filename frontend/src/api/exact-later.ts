import type { QueryClient, QueryKey } from '@tanstack/react-query';
import type { UserCount } from './client';

/** Reports whether users were counted: the number is no estimate. */
export function isExact({ accuracy }: Pick<UserCount, 'accuracy'>): boolean {
  return accuracy === 'exact';
}

interface Context {
  client: QueryClient;
  queryKey: QueryKey;
}

/**
 * Answers a query twice where counting is slow: the estimate becomes the query's data at once, and
 * the exact answer replaces it. An exact answer that is already known stays until the next one.
 */
export async function exactLater<T>(
  { client, queryKey }: Context,
  isFinal: (answer: T) => boolean,
  ask: (estimate: boolean) => Promise<T>,
): Promise<T> {
  const known = client.getQueryData<T>(queryKey);
  if (known !== undefined && isFinal(known)) return ask(false);
  const first = await ask(true);
  if (isFinal(first)) return first;
  client.setQueryData(queryKey, first);
  return ask(false);
}
