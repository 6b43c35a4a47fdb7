import type { UserCount } from '@/api/client';
import { useFigures } from '@/api/figures';
import { Figure, Figures } from '@/shared/ui/figure';
import { count, share } from '@/shared/ui/format';
import classes from './users-figures.module.css';

interface Props {
  tenant: string;
  store: string;
  /** The name of the store: "all user stores", "Meridian UK". */
  storeName: string;
  /** The number of matching users; null without a filter or search, undefined while they are counted. */
  matches: UserCount | null | undefined;
  /** The number is that of the previous query. */
  stale: boolean;
  /** What the users match: "this filter". */
  what: string;
}

/** The three figures above the list. Phones show shorter labels; screen readers read the full ones. */
export function UsersFigures({ tenant, store, storeName, matches, stale, what }: Props) {
  const { data, isPlaceholderData } = useFigures(tenant, store);
  const part = data && matches ? shareOf(matches, data.users) : undefined;
  return (
    <Figures>
      <Figure
        label={
          <>
            users<span className={classes.wide}> in {storeName}</span>
          </>
        }
        value={data?.users}
        stale={isPlaceholderData}
      />
      <Figure
        label={
          <>
            <span className={classes.wide}>registered in the </span>last 7 days
          </>
        }
        value={data?.registeredLast7Days}
        stale={isPlaceholderData}
      />
      {matches !== null && (
        <Figure
          label={
            <>
              match<span className={classes.wide}> {what}</span>
            </>
          }
          value={matches}
          note={part}
          stale={stale || isPlaceholderData}
        />
      )}
    </Figures>
  );
}

// The share of all users, which an upper bound does not tell.
function shareOf({ users, accuracy }: UserCount, all: number): string {
  return accuracy === 'upper_bound' ? `fewer than about ${count(users)}` : share(users, all);
}
