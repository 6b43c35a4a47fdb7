import { Button, Skeleton } from '@mantine/core';
import { IconClock, IconRefresh, IconShieldLock } from '@tabler/icons-react';
import { useId } from 'react';
import type { Preview } from '@/shared/api/client';
import { clock, day } from '@/shared/ui/format';
import { linesOf } from './figures';
import { type ExportForm, eventsAlone } from './form';
import { personalData } from './personal-data';
import classes from './preflight.module.css';
import type { Freshness } from './use-freshness';

interface Props {
  form: ExportForm;
  /** Undefined while there is none: nothing to count, or not counted yet. */
  preview: Preview | undefined;
  freshness: Freshness;
  /** When it was counted, in ms since the epoch. */
  countedAt: number;
  /** Whether figures are on their way: the form makes a definition, and it has not failed. */
  awaited: boolean;
  failed: boolean;
  onRetry: () => void;
  /** Until when the file is kept; null while unknown. */
  until: Date | null;
  /** The file is streamed by this tab, and kept by nobody else. */
  streams: boolean;
}

const blank = { users: 10_000, about: { rows: 10_000, bytes: 10_000_000 }, columns: [] };
const moments = 60_000; // ms that are "just now"

/** What you get, before you start. */
export function Preflight({ form, preview, freshness, countedAt, awaited, failed, onRetry, until, streams }: Props) {
  const title = useId();
  const lines = linesOf(preview ?? blank, form);
  const held = (columns: Preview['columns']) =>
    eventsAlone(form) ? 'The ids of users, and what happened to their subscriptions.' : personalData(columns);
  return (
    <aside className={classes.preflight} aria-labelledby={title}>
      <h3 id={title}>
        Before you start
        <span>{stateOf(awaited, freshness, countedAt)}</span>
      </h3>
      <dl
        className={classes.ledger}
        aria-busy={awaited && freshness !== 'good'}
        data-dim={freshness === 'dim' || undefined}
      >
        {lines.map(({ name, aside, value }) => (
          <div key={name}>
            <dt>
              {name}
              {aside && <span> · {aside}</span>}
            </dt>
            <dd>
              {freshness !== 'unknown' ? (
                value
              ) : awaited ? (
                <Skeleton height="0.9em" width={`${value.length}ch`} />
              ) : (
                '–'
              )}
            </dd>
          </div>
        ))}
      </dl>
      {form.events.chosen && (
        <p className={classes.events}>
          {eventsAlone(form)
            ? 'Only the state events file is made. How many events it has is known once it is.'
            : 'These are the users file’s. How many state events there are is known once their file is made.'}
        </p>
      )}
      {failed && (
        <div className={classes.failed}>
          <p>This could not be counted.</p>
          <Button size="xs" leftSection={<IconRefresh size={15} stroke={1.75} />} onClick={onRetry}>
            Try again
          </Button>
        </div>
      )}
      <h3>
        <IconShieldLock size={16} stroke={1.75} aria-hidden />
        Personal data held
      </h3>
      {preview && freshness !== 'unknown' ? (
        <p data-dim={freshness === 'dim' || undefined}>{held(preview.columns)}</p>
      ) : awaited ? (
        // As high as the words before, so that nothing below it jumps.
        <Skeleton mt={4} mih={19} aria-hidden>
          {preview && <p>{held(preview.columns)}</p>}
        </Skeleton>
      ) : (
        <p>None yet.</p>
      )}
      <h3>
        <IconClock size={16} stroke={1.75} aria-hidden />
        {streams ? 'Saved by this browser' : `Kept ${until ? `until ${day(until)}` : 'for a while'}`}
      </h3>
      <p>
        {streams
          ? 'No copy is kept. Bytes and SHA-256 are checked when it has arrived; the receipt stays.'
          : 'Only you and owners can download it. Then the file is deleted; the receipt stays.'}
      </p>
    </aside>
  );
}

function stateOf(awaited: boolean, freshness: Freshness, countedAt: number): string {
  if (!awaited) return '';
  if (freshness !== 'good') return 'Counting…';
  return Date.now() - countedAt < moments ? 'Counted just now' : `Counted at ${clock(new Date(countedAt))}`;
}
