import { Button, Skeleton } from '@mantine/core';
import { IconClock, IconRefresh, IconShieldLock } from '@tabler/icons-react';
import { useId } from 'react';
import type { Preview } from '@/api/client';
import { clock, day } from '@/shared/ui/format';
import { linesOf } from './figures';
import { type ExportForm, eventsAlone } from './form';
import { personalData } from './personal-data';
import classes from './preflight.module.css';
import type { Freshness } from './use-freshness';

interface Props {
  form: ExportForm;
  /** Undefined until it is loaded, and while the form is incomplete. */
  preview: Preview | undefined;
  freshness: Freshness;
  /** When the preview was loaded, in ms since the epoch. */
  countedAt: number;
  /** Whether figures are being loaded. */
  awaited: boolean;
  /** Whether exact figures follow those of the preview. */
  settling: boolean;
  failed: boolean;
  onRetry: () => void;
  /** When the file is deleted; null while unknown. */
  until: Date | null;
  /** Whether this tab streams the file, so that the server keeps none. */
  streams: boolean;
}

const blank = {
  users: 10_000,
  accuracy: 'exact' as const,
  sampledUsers: 1,
  about: { rows: 10_000, bytes: 10_000_000 },
  columns: [],
};
const justNow = 60_000; // ms

/** Preflight shows the expected figures of the file, its personal data and how long it is kept. */
export function Preflight({
  form,
  preview,
  freshness,
  countedAt,
  awaited,
  settling,
  failed,
  onRetry,
  until,
  streams,
}: Props) {
  const title = useId();
  const lines = linesOf(preview ?? blank, form);
  const held = (columns: Preview['columns']) =>
    eventsAlone(form) ? 'User IDs and the history of their subscriptions.' : personalData(columns);
  return (
    <aside className={classes.preflight} aria-labelledby={title}>
      <h3 id={title}>
        Before you start
        <span>{stateOf(awaited, settling || freshness !== 'good', countedAt)}</span>
      </h3>
      <dl
        className={classes.ledger}
        aria-busy={awaited && (settling || freshness !== 'good')}
        data-dim={freshness === 'dim' || undefined}
      >
        {lines.map(({ name, aside, value }) => (
          <div key={name}>
            <dt>
              {name}
              {aside && <span> · {aside}</span>}
            </dt>
            <dd>
              {freshness !== 'unknown' && value !== null ? (
                value
              ) : awaited && (value !== null || settling) ? (
                <Skeleton height="0.9em" width={`${value?.length ?? 12}ch`} />
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
            ? 'Only the state events file is made. Its number of events is known when it is finished.'
            : 'These figures are for the users file. The number of state events is known when their file is finished.'}
        </p>
      )}
      {failed && (
        <div className={classes.failed}>
          <p>The users could not be counted.</p>
          <Button size="xs" leftSection={<IconRefresh size={15} stroke={1.75} />} onClick={onRetry}>
            Retry
          </Button>
        </div>
      )}
      <h3>
        <IconShieldLock size={16} stroke={1.75} aria-hidden />
        Personal data in the file
      </h3>
      {preview && freshness !== 'unknown' ? (
        <p className={classes.held} data-dim={freshness === 'dim' || undefined}>
          {held(preview.columns)}
        </p>
      ) : awaited ? (
        // As high as the longest text, so that nothing below it moves.
        <Skeleton mt={4} mih={4 * 19} aria-hidden>
          {preview && <p>{held(preview.columns)}</p>}
        </Skeleton>
      ) : (
        <p>None yet.</p>
      )}
      <h3>
        <IconClock size={16} stroke={1.75} aria-hidden />
        {streams ? 'Saved by this browser' : `Kept ${until ? `until ${day(until)}` : 'for some time'}`}
      </h3>
      <p>
        {streams
          ? 'The server keeps no copy. The browser checks size and SHA-256 after the download. The receipt is kept.'
          : 'Only you and owners can download it. After that the file is deleted and the receipt is kept.'}
      </p>
    </aside>
  );
}

function stateOf(awaited: boolean, counting: boolean, countedAt: number): string {
  if (!awaited) return '';
  if (counting) return 'Counting…';
  return Date.now() - countedAt < justNow ? 'Counted just now' : `Counted at ${clock(new Date(countedAt))}`;
}
