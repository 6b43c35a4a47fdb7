import { useQueries } from '@tanstack/react-query';
import type { Rule, UserCount } from '@/api/client';
import { userCountQuery } from '@/api/users';

/** A rule of the filter's top group, and the filter without it. */
export interface RemovableRule {
  rule: Rule;
  /** The remaining filter; null for none. */
  rest: Rule | null;
}

/** Returns the rules that can be removed to match more users: those of a top group joined by "and". */
export function removableRules(filter: Rule | null): RemovableRule[] {
  if (!filter?.rules || filter.combinator !== 'and' || filter.rules.length < 2) return [];
  const { rules } = filter;
  return rules.map((rule, at) => ({ rule, rest: { combinator: 'and', rules: rules.toSpliced(at, 1) } }));
}

const nobody: UserCount = { users: 0, accuracy: 'exact' };
const maxCounts = 4; // requests at the same time

/** Returns the rule whose removal matches most users, and their number; null while they are counted, and if none helps. */
export function useBestRemoval(tenant: string, store: string, filter: Rule | null, search: string) {
  const choices = removableRules(filter).slice(-maxCounts);
  return useQueries({
    queries: choices.map(({ rest }) => userCountQuery(tenant, { store, filter: rest, search })),
    combine: (counts) => {
      if (counts.some(({ isPending }) => isPending)) return null;
      return choices
        .map((choice, i) => ({ ...choice, count: counts[i]?.data ?? nobody }))
        .filter(({ count }) => count.accuracy !== 'upper_bound') // perhaps none
        .reduce<(RemovableRule & { count: UserCount }) | null>(
          (best, one) => (one.count.users > (best?.count.users ?? 0) ? one : best),
          null,
        );
    },
  });
}
