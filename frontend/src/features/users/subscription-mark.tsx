import classes from './subscription-mark.module.css';
import type { Summary } from './subscriptions';

/** The dot of a subscription's state; the word stands beside it. */
export function Dot({ state }: { state: string }) {
  return <span className={classes.dot} data-state={state} aria-hidden="true" />;
}

/** What a user holds, in one line: "Digital Annual expired +1", or "None". */
export function SubscriptionMark({ summary }: { summary: Summary | null }) {
  if (!summary) return <span className={classes.none}>None</span>;
  const { product, state, more } = summary;
  return (
    <span className={classes.mark}>
      <Dot state={state} />
      <span className={classes.product}>{product}</span>
      <span className={classes.state}>
        {state}
        {more > 0 && ` +${more}`}
      </span>
    </span>
  );
}
