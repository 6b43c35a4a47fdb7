import { useDebouncedValue } from '@mantine/hooks';
import { useMemo } from 'react';
import { ApiError } from '@/shared/api/client';
import { useUserCount } from '@/shared/api/users';
import type { Sifted } from './draft';
import { parseFilter, serializeFilter } from './filter';
import type { Fault } from './validation';

const pause = 300; // ms without a change before the users are counted

/** How many users the right rules of a draft match. */
export interface Counted {
  /** The last count, be it of the rules before; null while there is none. */
  users: number | null;
  /** The count is not of what is on the screen. */
  stale: boolean;
  /** Why there is no count. */
  error: Error | null;
  /** The server does not take one of the rules; `faults` says which. */
  refused: boolean;
  /** What is wrong or missing, by the rule's id; what the server alone can tell is in it. */
  faults: ReadonlyMap<string, Fault>;
}

/** Counts after a pause what a draft asks. */
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
  return { users: data ?? null, stale, error: current ? error : null, refused: faults !== sifted.faults, faults };
}

// "filter.rules[1].rules[0].value" is the path of what the server refuses, in the filter that was sent.
function refusalOf(error: Error | null, { places }: Sifted): { id: string; fault: Fault } | null {
  if (!(error instanceof ApiError) || error.status !== 400) return null;
  const id = places.get(/rules\[\d+\](?:\.rules\[\d+\])*/.exec(error.problem.field ?? '')?.[0] ?? '');
  return id ? { id, fault: { message: error.message, at: 'value', incomplete: false } } : null;
}
