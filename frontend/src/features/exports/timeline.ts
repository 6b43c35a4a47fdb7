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
  resumed: { name: 'Resumed', look: 'warn' },
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
  const past = job.history.map(({ kind, message, time }): Step => {
    const known = kinds[kind] ?? { name: words(kind), look: 'done' as const };
    const sameDay = dayOf(time, 'UTC') === dayOf(first, 'UTC');
    const shown = sameDay ? clockUtc(time) : `${shortDay(time, 'UTC', first)}, ${clockUtc(time)}`;
    return { ...known, message, time, shown };
  });
  return [...past, ...future(job)];
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

// A run that was interrupted prepares anew, so the steps count from there on.
function stepsLeft({ status, history, definition }: Job): string[] {
  const kind = (name: string) => history.findLastIndex((event) => event.kind === name);
  const prepared = kind('prepared');
  const done = (name: string) => kind(name) > prepared;
  const steps: string[] = [];
  if (status === 'queued' || status === 'preparing') steps.push('Prepared');
  if (steps.length || !done('written')) steps.push('Written');
  if (steps.length || !done('verified')) steps.push('Verified');
  if (definition.stateEvents) steps.push('State events');
  return [...steps, 'Completed'];
}
