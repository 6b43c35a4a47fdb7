import { useEffect, useRef, useState } from 'react';
import type { JobStatus } from '@/api/client';
import { retryAnnouncement } from '@/jobs/retry-text';
import { isLive } from '@/jobs/status';
import { isBroken, type TabJob, toastOf, waitsFor } from './toast';

/** A job's status, or the reason why it waits. */
type Phase = JobStatus | `waiting for ${string}`;

/** The announced phases, by job. */
export type Phases = ReadonlyMap<string, Phase>;

/** The text to announce, and the phases known after it. */
export interface Announcement {
  said: string;
  phases: Phases;
}

/**
 * Returns what a screen reader should announce: new phases and outcomes, but no progress. A job
 * that had already ended when it was first seen is not announced. With jobs of several tenants,
 * each sentence names the tenant.
 */
export function announce(before: Phases, jobs: readonly TabJob[], nameOf: (tenant: string) => string): Announcement {
  const named = new Set(jobs.map(({ tenant }) => tenant)).size > 1;
  const news = jobs.filter((one) => {
    const known = before.get(one.job.jobId);
    const phase = phaseOf(one);
    return known === undefined ? isLive(one.job) : known !== phase && phase !== 'expired';
  });
  // "queued" and "preparing" have the same title, so it is announced once.
  const said = news
    .filter(({ job }) => !(job.status === 'preparing' && before.get(job.jobId) === 'queued'))
    .map((one) => (named ? `${nameOf(one.tenant)}: ${phrase(one)}` : phrase(one)));
  return { said: said.join(' '), phases: new Map(jobs.map((one) => [one.job.jobId, phaseOf(one)])) };
}

// A file that did not arrive in this tab is a failure, announced once, whatever status the server
// records later. The reason why a job waits is announced once, not for every failed attempt.
function phaseOf(one: TabJob): Phase {
  if (isBroken(one)) return 'failed';
  const waits = waitsFor(one);
  return waits ? `waiting for ${waits.reason}` : one.job.status;
}

function phrase(one: TabJob): string {
  const waits = !isBroken(one) && retryAnnouncement({ retry: waitsFor(one) });
  if (waits) return waits;
  if (phaseOf(one) === 'downloading') return 'Downloading.'; // the title's figures are progress, which is not announced
  const toast = toastOf(one);
  const notes = toast.kind === 'running' ? [] : toast.notes;
  return [toast.title, ...notes].map((words) => (/[.!]$/.test(words) ? words : `${words}.`)).join(' ');
}

/** Returns the latest announcement, for a polite live region. */
export function useAnnouncement(jobs: readonly TabJob[], nameOf: (tenant: string) => string): string {
  const phases = useRef<Phases>(new Map());
  const [news, setNews] = useState('');
  useEffect(() => {
    const speech = announce(phases.current, jobs, nameOf);
    phases.current = speech.phases;
    if (speech.said) setNews(speech.said);
  });
  return news;
}
