import { useFigures } from '@/shared/api/figures';
import { Figure, Figures } from '@/shared/ui/figure';
import { share } from '@/shared/ui/format';
import classes from './users-figures.module.css';

interface Props {
  tenant: string;
  store: string;
  /** The store's name: "all user stores", "Meridian UK". */
  storeName: string;
  /** How many match; null where nothing is asked, undefined while they are counted. */
  matches: number | null | undefined;
  /** The number is of the question before. */
  stale: boolean;
  /** What they match: "this filter". */
  what: string;
}

/** The three figures above the list. A phone shows the short form of their words, and readers hear all of it. */
export function UsersFigures({ tenant, store, storeName, matches, stale, what }: Props) {
  const { data, isPlaceholderData } = useFigures(tenant, store);
  const part = data && matches !== null && matches !== undefined ? share(matches, data.users) : undefined;
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
