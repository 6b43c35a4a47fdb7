import type { Job } from '@/api/client';
import { Section } from './section';
import { speedsOf } from './throughput';
import classes from './throughput.module.css';

/**
 * Throughput draws the rows per second: a cell for each interval, pauses in amber. Renders nothing
 * for few samples.
 */
export function Throughput({ job }: { job: Job }) {
  const speeds = speedsOf(job);
  if (!speeds) return null;
  const { cells, words, pause, from, to } = speeds;
  return (
    <Section title="Throughput" aside={words}>
      <div className={classes.cells} aria-hidden>
        {cells.map((share, i) => (
          <span
            // biome-ignore lint/suspicious/noArrayIndexKey: a sample is its place
            key={i}
            data-pause={share === null || undefined}
            style={{ height: `${(share ?? 0) * 100}%` }}
          />
        ))}
      </div>
      <p className={classes.span}>
        <span>{from}</span>
        {pause && <b>{pause}</b>}
        <span>{to} UTC</span>
      </p>
    </Section>
  );
}
