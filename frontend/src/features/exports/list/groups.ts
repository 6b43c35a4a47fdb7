import type { Job } from '@/api/client';
import { isLive } from '@/jobs/status';
import { dayBefore, dayOf, dayRange, weekday } from '../text/dates';

/** The groups of the list. */
export type GroupName = 'Live' | 'Today' | 'Yesterday' | 'Earlier';

/** A group's title and its jobs. */
export interface Group {
  name: GroupName;
  /** The text next to the name: how many jobs are live, or which days the group covers. */
  note: string;
  jobs: Job[];
}

/**
 * The ids of the Live group in the order they had when the pointer entered the list; null without a
 * pointer.
 */
export type HeldLive = readonly string[] | null;

/**
 * Groups the jobs, newest first, by days of the admin's time zone. While the Live group is held,
 * its jobs keep their places, even after they end, and new jobs are appended. So no button moves
 * away under the pointer.
 */
export function groupJobs(jobs: readonly Job[], now: Date, zone: string, heldIds: HeldLive = null): Group[] {
  const today = dayOf(now, zone);
  const yesterday = dayBefore(today);
  const live = liveGroup(jobs, heldIds);
  const names = new Map<string, GroupName>(live.map(({ jobId }) => [jobId, 'Live']));
  const rest = jobs.filter(({ jobId }) => !names.has(jobId));
  const on = (day: string) => rest.filter(({ createdAt }) => dayOf(createdAt, zone) === day);
  const earlier = rest.filter(({ createdAt }) => dayOf(createdAt, zone) < yesterday);
  // A server clock ahead of the browser's may date a job tomorrow. Such jobs belong to today.
  const newest = rest.filter(({ createdAt }) => dayOf(createdAt, zone) >= today);
  const groups: Group[] = [
    { name: 'Live', note: String(live.filter(isLive).length), jobs: live },
    { name: 'Today', note: weekday(now, zone), jobs: newest },
    { name: 'Yesterday', note: weekday(new Date(`${yesterday}T12:00:00Z`), 'UTC'), jobs: on(yesterday) },
    { name: 'Earlier', note: daysText(earlier, zone, now), jobs: earlier },
  ];
  return groups.filter(({ jobs: some }) => some.length > 0);
}

/**
 * Returns the ids to hold: those held before, then the jobs that became live since, oldest first.
 */
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

function daysText(jobs: readonly Job[], zone: string, now: Date): string {
  const [last] = jobs;
  const first = jobs.at(-1);
  return first && last ? dayRange(first.createdAt, last.createdAt, zone, now) : '';
}
