import { useQueries } from '@tanstack/react-query';
import type { Rule } from '@/shared/api/client';
import { userCountQuery } from '@/shared/api/users';

/** A rule of the filter's top group, and what the list would hold without it. */
export interface Without {
  rule: Rule;
  /** The filter that is left; null for none. */
  rest: Rule | null;
}

/** The rules of which any one may be left out: those that are joined by "and". */
export function leftOut(filter: Rule | null): Without[] {
  if (!filter?.rules || filter.combinator !== 'and' || filter.rules.length < 2) return [];
  const { rules } = filter;
  return rules.map((rule, at) => ({ rule, rest: { combinator: 'and', rules: rules.toSpliced(at, 1) } }));
}

const most = 4; // counts that are asked for at once

/** The one rule without which most would match, and how many; null while they are counted, and where none helps. */
export function useBestWithout(tenant: string, store: string, filter: Rule | null, search: string) {
  const choices = leftOut(filter).slice(-most);
  return useQueries({
    queries: choices.map(({ rest }) => userCountQuery(tenant, { store, filter: rest, search })),
    combine: (counts) => {
      if (counts.some(({ isPending }) => isPending)) return null;
      return choices
        .map((choice, i) => ({ ...choice, users: counts[i]?.data ?? 0 }))
        .reduce<(Without & { users: number }) | null>(
          (best, one) => (one.users > (best?.users ?? 0) ? one : best),
          null,
        );
    },
  });
}
