import { useDebouncedValue } from '@mantine/hooks';
import { useMemo } from 'react';
import type { UserCount } from '@/api/client';
import { ApiError } from '@/api/client';
import { isExact } from '@/api/exact-later';
import { useUserCount } from '@/api/users';
import type { Sifted } from './draft';
import { parseFilter, serializeFilter } from './filter';
import type { Fault } from './validation';

const pause = 300; // ms without a change before the users are counted

/** The number of users that the valid rules of a draft match. */
export interface Counted {
  /** The last count, perhaps of earlier rules; null without one. */
  users: UserCount | null;
  /** The count is that of earlier rules. */
  stale: boolean;
  /** The exact number follows. */
  estimated: boolean;
  /** Why the count failed. */
  error: Error | null;
  /** The server refused one of the rules, named in `faults`. */
  refused: boolean;
  /** The faults by the id of the rule, the server's refusal included. */
  faults: ReadonlyMap<string, Fault>;
}

/** Counts the users that a draft matches, after a pause. */
export function useSiftedCount(tenant: string, store: string, search: string, sifted: Sifted): Counted {
  const asked = serializeFilter(sifted.sound) ?? '';
  const [settled] = useDebouncedValue(asked, pause);
  const filter = useMemo(() => parseFilter(settled).filter, [settled]);
  const { data, error, isPlaceholderData, isFetching } = useUserCount(tenant, { store, filter, search });
  const current = settled === asked;
  const stale = !current || isPlaceholderData || (isFetching && data === undefined);
  const refusal = useMemo(() => refusalOf(error, sifted), [error, sifted]);
  const faults = useMemo(() => {
    if (!refusal || !current) return sifted.faults;
    return new Map(sifted.faults).set(refusal.id, refusal.fault);
  }, [refusal, current, sifted]);
  const known = data !== undefined && !isExact(data);
  const estimated = known && isFetching;
  const shown = current && !known ? error : null; // an estimate stays where the users cannot be counted
  return { users: data ?? null, stale, estimated, error: shown, refused: faults !== sifted.faults, faults };
}

// The server names the refused rule by its path in the sent filter: "filter.rules[1].rules[0].value".
function refusalOf(error: Error | null, { places }: Sifted): { id: string; fault: Fault } | null {
  if (!(error instanceof ApiError) || error.status !== 400) return null;
  const id = places.get(/rules\[\d+\](?:\.rules\[\d+\])*/.exec(error.problem.field ?? '')?.[0] ?? '');
  return id ? { id, fault: { message: error.message, at: 'value', incomplete: false } } : null;
}
