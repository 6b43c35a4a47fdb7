import { Button } from '@mantine/core';
import type { UserCount } from '@/api/client';
import type { useFigures } from '@/api/figures';
import type { useUserCount } from '@/api/users';
import { lazyPart } from '@/shared/lazy-part';
import { Figure, Figures } from '@/shared/ui/figure';
import { count, share } from '@/shared/ui/format';
import { useLate } from '@/shared/ui/use-late';
import classes from './users-figures.module.css';

// Loaded after the rows; its space is reserved.
const RegisteredPlot = lazyPart(async () => (await import('./registered-plot')).RegisteredPlot);

interface Props {
  figures: ReturnType<typeof useFigures>;
  /** The name of the store: "all user stores", "Meridian UK". */
  storeName: string;
  /** The number of matching users; null without a filter or search. */
  matches: ReturnType<typeof useUserCount> | null;
  /** What the users match: "this filter". */
  what: string;
}

// A count, finished or not.
interface Counted {
  data: unknown;
  isError: boolean;
  isFetching: boolean;
  refetch: () => unknown;
}

const patience = 5_000; // ms until "Still counting…"

/** The three figures above the list. Phones show shorter labels; screen readers read the full ones. */
export function UsersFigures({ figures, storeName, matches, what }: Props) {
  const { data, isPlaceholderData } = figures;
  const missing = useMissing(figures);
  const missingMatches = useMissing(matches);
  return (
    <Figures>
      <Figure
        label={
          <>
            users<span className={classes.wide}> in {storeName}</span>
          </>
        }
        value={data?.users}
        missing={missing}
        stale={isPlaceholderData}
      />
      <Figure
        label={
          <>
            <span className={classes.wide}>registered in the </span>last 7 days
          </>
        }
        value={data?.registeredLast7Days}
        missing={missing}
        plot={
          <div className={classes.plot}>
            {data?.registeredDays && <RegisteredPlot days={data.registeredDays} storeName={storeName} />}
          </div>
        }
        stale={isPlaceholderData}
      />
      {matches && (
        <Figure
          label={
            <>
              match<span className={classes.wide}> {what}</span>
            </>
          }
          value={matches.isError && matches.isPlaceholderData ? undefined : matches.data}
          missing={missingMatches}
          note={data && matches.data && shareOf(matches.data, data.users)}
          stale={matches.isPlaceholderData || isPlaceholderData}
        />
      )}
    </Figures>
  );
}

// Returns what stands for a figure that takes long or could not be counted; undefined for a skeleton.
function useMissing(counted: Counted | null) {
  const late = useLate(counted?.isFetching === true && !counted.data, patience);
  if (late) return <span className={classes.words}>Still counting…</span>;
  if (!counted?.isError || counted.isFetching) return;
  return (
    <span className={classes.words}>
      Not counted{' '}
      <Button size="compact-xs" variant="subtle" onClick={() => void counted.refetch()}>
        Retry
      </Button>
    </span>
  );
}

// The share of all users, which an upper bound does not tell.
function shareOf({ users, accuracy }: UserCount, all: number): string {
  return accuracy === 'upper_bound' ? `fewer than about ${count(users)}` : share(users, all);
}
