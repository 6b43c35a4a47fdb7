import type { Job } from '@/api/client';
import { isLive } from '@/jobs/status';
import { own } from '@/shared/own';
import { clockUtc, counted } from '@/shared/ui/format';
import { dayOf, shortDay } from '../text/dates';

/**
 * The look of a step: done, a warning, a failure, a neutral past event, a download, or a future
 * step.
 */
export type StepLook = 'done' | 'warn' | 'fail' | 'past' | 'download' | 'next';

/** A line of the timeline. */
export interface Step {
  name: string;
  look: StepLook;
  /** The server's message; may be empty. */
  message: string;
  /** The instant; null for a future step without a date. */
  time: string | null;
  /**
   * The instant in UTC as shown: "08:31:05", with its day if that differs from the day of the first
   * step.
   */
  shown: string;
}

const kinds: Record<string, { name: string; look: StepLook }> = {
  queued: { name: 'Queued', look: 'done' },
  prepared: { name: 'Prepared', look: 'done' },
  interrupted: { name: 'Interrupted', look: 'warn' },
  waiting: { name: 'Waiting', look: 'warn' },
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
  mail_sent: { name: 'Email sent', look: 'done' },
  mail_failed: { name: 'Email not sent', look: 'warn' },
  downloaded: { name: 'Downloaded', look: 'download' },
};

/** Returns the job's history, oldest first, and then its future steps. */
export function timeline(job: Job): Step[] {
  const first = job.history[0]?.time ?? job.createdAt;
  const past = foldRetries(mergeAttempts(job.history)).map(({ kind, message, time, count, last }): Step => {
    const known = own(kinds, kind) ?? { name: kindName(kind), look: 'done' as const };
    const again = count && last ? ` ${counted(count, 'time')}, last at ${instantText(last, time)}.` : '';
    return { ...known, message: `${message}${again}`, time, shown: instantText(time, first) };
  });
  return [...past, ...futureSteps(job)];
}

// Shows an instant in UTC: "08:31:05", with its day if that differs from another instant's.
function instantText(time: string, other: string): string {
  const sameDay = dayOf(time, 'UTC') === dayOf(other, 'UTC');
  return sameDay ? clockUtc(time) : `${shortDay(time, 'UTC', other)}, ${clockUtc(time)}`;
}

// The fewest interruptions in a row that become one line.
const fewRetries = 3;

// The events of attempts that end before the file is written.
const retries = new Set(['interrupted', 'attempt', 'resumed', 'restarted', 'prepared']);

// Folds attempts that were interrupted one after the other into their last interruption: "Tried 9 times,
// 19:46:11–19:51:40."
function foldRetries(history: Job['history']): Job['history'] {
  const folded: Job['history'] = [];
  for (let i = 0; i < history.length; i++) {
    const first = history[i];
    if (!first) break;
    let end = i;
    if (first.kind === 'interrupted') while (retries.has(history[end]?.kind ?? '')) end++;
    const run = history.slice(i, end);
    const last = run.findLastIndex(({ kind }) => kind === 'interrupted');
    const times = run.filter(({ kind }) => kind === 'interrupted').length;
    const final = run[last];
    if (!final || times < fewRetries) {
      folded.push(first);
      continue;
    }
    const span = `${clockUtc(first.time)}–${instantText(final.time, first.time)}`;
    folded.push({ ...final, message: `Tried ${counted(times, 'time')}, ${span}. ${final.message}` });
    i += last;
  }
  return folded;
}

// Merges the start of an attempt with the resume or restart that follows it, and keeps the later
// instant.
function mergeAttempts(history: Job['history']): Job['history'] {
  return history.flatMap((event, i) => {
    if (event.kind === 'attempt' && isAttemptStart(history[i + 1])) return [];
    const began = history[i - 1];
    if (began?.kind !== 'attempt' || !isAttemptStart(event)) return [event];
    return [{ ...event, message: `${began.message} ${event.message}`.trim() }];
  });
}

function isAttemptStart(event: Job['history'][number] | undefined): boolean {
  return event?.kind === 'resumed' || event?.kind === 'restarted';
}

// Names a kind that this console does not know yet: "mail_bounced" becomes "Mail bounced".
function kindName(kind: string): string {
  const text = kind.replaceAll('_', ' ');
  return text.charAt(0).toUpperCase() + text.slice(1);
}

function futureSteps(job: Job): Step[] {
  const next = (name: string, message = ''): Step => ({ name, look: 'next', message, time: null, shown: '' });
  if (isLive(job)) return remainingSteps(job).map((name) => next(name));
  const kept = job.status === 'completed' || job.status === 'completed_with_errors';
  if (!kept || !job.expiresAt) return [];
  const shown = shortDay(job.expiresAt, 'UTC', job.createdAt);
  return [{ ...next('Files are deleted'), time: job.expiresAt, shown }];
}

// An attempt resumes from the checkpoint. If it restarts instead, only the steps after the restart
// count as done.
function remainingSteps({ status, history, definition }: Job): string[] {
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
