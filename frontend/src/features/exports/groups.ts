import type { Job } from '@/shared/api/client';
import { isLive } from '@/shared/jobs/words';
import { dayBefore, dayOf, dayRange, weekday } from './dates';

/** What the list is divided into. */
export type GroupName = 'Live' | 'Today' | 'Yesterday' | 'Earlier';

/** Jobs under one head. */
export interface Group {
  name: GroupName;
  /** Beside the name: how many are live, or which days these are. */
  note: string;
  jobs: Job[];
}

/** The ids of the Live group in the order in which they stood when the pointer came; null while it is elsewhere. */
export type HeldLive = readonly string[] | null;

/**
 * Divides the list, newest first, by days of the admin's zone. While the Live group is held nothing in it moves: its jobs
 * keep their places, ended ones too, and new ones come last, so that no button slips away under the pointer.
 */
export function groupJobs(jobs: readonly Job[], now: Date, zone: string, held: HeldLive = null): Group[] {
  const today = dayOf(now, zone);
  const yesterday = dayBefore(today);
  const live = liveGroup(jobs, held);
  const names = new Map<string, GroupName>(live.map(({ jobId }) => [jobId, 'Live']));
  const rest = jobs.filter(({ jobId }) => !names.has(jobId));
  const on = (day: string) => rest.filter(({ createdAt }) => dayOf(createdAt, zone) === day);
  const earlier = rest.filter(({ createdAt }) => dayOf(createdAt, zone) < yesterday);
  // What a clock ahead of ours calls tomorrow is today's.
  const newest = rest.filter(({ createdAt }) => dayOf(createdAt, zone) >= today);
  const groups: Group[] = [
    { name: 'Live', note: String(live.filter(isLive).length), jobs: live },
    { name: 'Today', note: weekday(now, zone), jobs: newest },
    { name: 'Yesterday', note: weekday(new Date(`${yesterday}T12:00:00Z`), 'UTC'), jobs: on(yesterday) },
    { name: 'Earlier', note: span(earlier, zone, now), jobs: earlier },
  ];
  return groups.filter(({ jobs: some }) => some.length > 0);
}

/** The ids to hold from now on: those that are held, and what became live since, oldest first. */
export function held(jobs: readonly Job[], before: HeldLive): readonly string[] {
  return liveGroup(jobs, before).map(({ jobId }) => jobId);
}

function liveGroup(jobs: readonly Job[], before: HeldLive): Job[] {
  const live = jobs.filter(isLive);
  if (!before) return live;
  const byId = new Map(jobs.map((job) => [job.jobId, job]));
  const kept = before.map((jobId) => byId.get(jobId)).filter((job) => job !== undefined);
  const added = live.filter(({ jobId }) => !before.includes(jobId)).reverse();
  return [...kept, ...added];
}

function span(jobs: readonly Job[], zone: string, now: Date): string {
  const [last] = jobs;
  const first = jobs.at(-1);
  return first && last ? dayRange(first.createdAt, last.createdAt, zone, now) : '';
}
