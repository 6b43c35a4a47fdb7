import type { Job } from '@/shared/api/client';
import { isLive } from '@/shared/jobs/words';
import { clockUtc } from '@/shared/ui/format';
import { dayOf, shortDay } from './dates';

/** How a step looks: done, gone wrong for a while or for good, a download, or still to come. */
export type StepLook = 'done' | 'warn' | 'fail' | 'past' | 'download' | 'next';

/** A line of the timeline. */
export interface Step {
  name: string;
  look: StepLook;
  /** What the server says about it; empty where it says nothing. */
  message: string;
  /** The instant; null for one that is still to come and has no date. */
  time: string | null;
  /** The instant in UTC as it is shown: "08:31:05", with its day where that is another than the first one's. */
  shown: string;
}

const kinds: Record<string, { name: string; look: StepLook }> = {
  queued: { name: 'Queued', look: 'done' },
  prepared: { name: 'Prepared', look: 'done' },
  interrupted: { name: 'Interrupted', look: 'warn' },
  attempt: { name: 'Another attempt', look: 'warn' },
  resumed: { name: 'Resumed', look: 'warn' },
  restarted: { name: 'Started over', look: 'warn' },
  written: { name: 'Written', look: 'done' },
  verified: { name: 'Verified', look: 'done' },
  completed: { name: 'Completed', look: 'done' },
  completed_with_errors: { name: 'Completed with errors', look: 'warn' },
  failed: { name: 'Failed', look: 'fail' },
  cancelled: { name: 'Cancelled', look: 'past' },
  expired: { name: 'Files deleted', look: 'past' },
  mail_sent: { name: 'E-mail sent', look: 'done' },
  mail_failed: { name: 'E-mail not sent', look: 'warn' },
  downloaded: { name: 'Downloaded', look: 'download' },
};

/** The job's history, oldest first, and what is still to come. */
export function timeline(job: Job): Step[] {
  const first = job.history[0]?.time ?? job.createdAt;
  const past = folded(job.history).map(({ kind, message, time }): Step => {
    const known = kinds[kind] ?? { name: words(kind), look: 'done' as const };
    const sameDay = dayOf(time, 'UTC') === dayOf(first, 'UTC');
    const shown = sameDay ? clockUtc(time) : `${shortDay(time, 'UTC', first)}, ${clockUtc(time)}`;
    return { ...known, message, time, shown };
  });
  return [...past, ...future(job)];
}

// That an attempt began, and where it went on, is one thing that happened: one line, with the instant of the latter.
function folded(history: Job['history']): Job['history'] {
  return history.flatMap((event, i) => {
    if (event.kind === 'attempt' && goesOn(history[i + 1])) return [];
    const began = history[i - 1];
    if (began?.kind !== 'attempt' || !goesOn(event)) return [event];
    return [{ ...event, message: `${began.message} ${event.message}`.trim() }];
  });
}

function goesOn(event: Job['history'][number] | undefined): boolean {
  return event?.kind === 'resumed' || event?.kind === 'restarted';
}

// A kind that this console does not know yet: "mail_bounced" is "Mail bounced".
function words(kind: string): string {
  const text = kind.replaceAll('_', ' ');
  return text.charAt(0).toUpperCase() + text.slice(1);
}

function future(job: Job): Step[] {
  const next = (name: string, message = ''): Step => ({ name, look: 'next', message, time: null, shown: '' });
  if (isLive(job)) return stepsLeft(job).map((name) => next(name));
  const kept = job.status === 'completed' || job.status === 'completed_with_errors';
  if (!kept || !job.expiresAt) return [];
  const shown = shortDay(job.expiresAt, 'UTC', job.createdAt);
  return [{ ...next('Files are deleted'), time: job.expiresAt, shown }];
}

// A further attempt goes on with what is stored. One that cannot starts over, so the steps count from there on.
function stepsLeft({ status, history, definition }: Job): string[] {
  const last = (name: string) => history.findLastIndex(({ kind }) => kind === name);
  const begun = Math.max(last('prepared'), last('restarted'));
  const done = (name: string) => last(name) > begun;
  const running = status === 'downloading' || status === 'downloading_state_events';
  const steps: string[] = [];
  if (!running && begun === last('restarted')) steps.push('Prepared');
  if (!done('written')) steps.push('Written');
  if (!done('verified')) steps.push('Verified');
  if (definition.stateEvents) steps.push('State events');
  return [...steps, 'Completed'];
}
