import { clipped } from '@/shared/ui/format';
import classes from './subscription-mark.module.css';
import type { Summary } from './subscriptions';

/** The dot for a subscription's state, shown next to its name. */
export function Dot({ state }: { state: string }) {
  return <span className={classes.dot} data-state={state} aria-hidden="true" />;
}

/** A user's subscriptions in one line: "Digital Annual expired +1", or "None". */
export function SubscriptionMark({ summary }: { summary: Summary | null }) {
  if (!summary) return <span className={classes.none}>None</span>;
  const { product, state, more } = summary;
  return (
    <span className={classes.mark}>
      <Dot state={state} />
      <bdi className={classes.product}>{clipped(product)}</bdi>
      <span className={classes.state}>
        {clipped(state)}
        {more > 0 && ` +${more}`}
      </span>
    </span>
  );
}
