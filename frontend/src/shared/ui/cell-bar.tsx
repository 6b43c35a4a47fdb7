import { Progress } from '@mantine/core';
import classes from './cell-bar.module.css';
import { megabytes, shownProgress } from './format';

interface Props {
  /** The accessible name: "Progress of Country is GB". */
  label: string;
  /** 0 to 100; null while it is unknown. */
  percent: number | null;
  /** Bytes done and in all, for screen readers; leave them out while they are unknown. */
  bytes?: number;
  bytesTotal?: number;
  tone?: 'live' | 'warn' | 'fail';
  /** 6 px instead of 8. */
  thin?: boolean;
  className?: string | undefined;
}

/** Returns the bar's text for screen readers: "12.4 of 48.1 megabytes, 26 percent". */
export function spokenProgress(percent: number, bytes?: number, bytesTotal?: number): string {
  if (bytes === undefined || !bytesTotal) return `${percent} percent`;
  const shown = shownProgress(bytes, bytesTotal, percent === 100);
  return `${megabytes(shown.bytes)} of ${megabytes(shown.total)} megabytes, ${percent} percent`;
}

/**
 * CellBar shows progress as a row of cells. Screen readers read its value on request and do not
 * announce changes.
 */
export function CellBar({ label, percent, bytes, bytesTotal, tone = 'live', thin = false, className }: Props) {
  const value = percent === null ? null : Math.max(0, Math.min(100, percent));
  const said =
    value === null ? {} : { 'aria-valuenow': value, 'aria-valuetext': spokenProgress(value, bytes, bytesTotal) };
  return (
    <Progress.Root
      className={`${classes.bar} ${className ?? ''}`}
      role="progressbar"
      aria-label={label}
      aria-valuemin={0}
      aria-valuemax={100}
      data-tone={tone}
      data-thin={thin || undefined}
      data-waiting={value === null || undefined}
      {...said}
    >
      {/* Mantine's section would be a second progressbar, without a text. */}
      {/* A separate element while the value is unknown, so that the first value appears without a transition. */}
      {value === null ? (
        <div key="waits" className={classes.filled} />
      ) : (
        <div key="fills" className={classes.filled} data-some={value > 0 || undefined} style={{ width: `${value}%` }} />
      )}
    </Progress.Root>
  );
}
