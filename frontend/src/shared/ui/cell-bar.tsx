import { Progress } from '@mantine/core';
import classes from './cell-bar.module.css';
import { megabytes } from './format';

interface Props {
  /** What the bar is about: "Progress of Country is GB". */
  label: string;
  /** 0 to 100; null while it waits and has no value. */
  percent: number | null;
  /** Bytes done and to do, where they are known. They are spoken. */
  bytes?: number;
  bytesTotal?: number;
  tone?: 'live' | 'warn' | 'fail';
  /** 6 px instead of 8. */
  thin?: boolean;
  className?: string | undefined;
}

/** What a progress bar says: "12.4 of 48.1 megabytes, 26 percent". */
export function spokenProgress(percent: number, bytes?: number, bytesTotal?: number): string {
  if (bytes === undefined || !bytesTotal) return `${percent} percent`;
  return `${megabytes(bytes)} of ${megabytes(bytesTotal)} megabytes, ${percent} percent`;
}

/** Progress as a row of cells, filling. Its ticks are silent; whoever asks is told. */
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
      {/* Not Mantine's section: that is a progressbar of its own and knows no text. */}
      {/* Another element while it waits: what is known first is there at once, it does not grow out of the wait. */}
      {value === null ? (
        <div key="waits" className={classes.filled} />
      ) : (
        <div key="fills" className={classes.filled} data-some={value > 0 || undefined} style={{ width: `${value}%` }} />
      )}
    </Progress.Root>
  );
}
