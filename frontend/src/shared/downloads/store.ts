import { useSyncExternalStore } from 'react';
import type { Kind } from './places';
import type { Held } from './sink';

/** A proven file that the browser still has to download, or can download again. */
export interface Offer {
  kind: Kind;
  name: string;
  saved: boolean;
  save: () => void;
  /** Removes it from the browser. */
  drop: () => void;
}

/** What this tab does about a sync export that it started: what the server cannot know. */
export interface Download {
  tenant: string;
  jobId: string;
  /** `broken`: the file did not arrive, whatever the job says; `problem` says why. */
  phase: 'streaming' | 'saved' | 'broken';
  held: Held;
  /** What to know or do about it; "" where the connection is to blame. */
  problem: string;
  /** The name of the file that the admin chose; null where it goes to the browser's downloads. */
  chosen: string | null;
  offers: readonly Offer[];
}

/** The downloads of this tab, by job. */
export type Downloads = ReadonlyMap<string, Download>;

/** How a run of this tab is ended from outside. */
export interface Run {
  /** A cancel is asked for: that the stream breaks is no failure then. */
  leaving: boolean;
  /** Ends the stream and removes what was written: quietly, or with a problem that is to be told. */
  stop: (problem?: string) => void;
  /** Cancels the job, and stops. */
  cancel: () => Promise<void>;
}

let downloads: Downloads = new Map();
let starting: ReadonlySet<string> = new Set();
const runs = new Map<string, Run>();
const listeners = new Set<() => void>();

function tell(): void {
  for (const listener of listeners) listener();
}

function subscribe(listener: () => void): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

/** What this tab downloads and has downloaded. */
export function useDownloads(): Downloads {
  return useSyncExternalStore(subscribe, allDownloads);
}

/** The same, outside of components. */
export function allDownloads(): Downloads {
  return downloads;
}

/** The tenants in which this tab is about to start an export: a job that appears there is likely its own. */
export function useStarting(): ReadonlySet<string> {
  return useSyncExternalStore(subscribe, isStarting);
}

/** The same, outside of components. */
export function isStarting(): ReadonlySet<string> {
  return starting;
}

/** Says that an export is about to start; what comes back says that it has, or has not. */
export function beginStart(tenant: string): () => void {
  starting = new Set([...starting, tenant]);
  tell();
  return () => {
    starting = new Set([...starting].filter((one) => one !== tenant));
    tell();
  };
}

/** Writes what is known of a download; null forgets it. */
export function putDownload(jobId: string, download: Download | null): void {
  const next = new Map(downloads);
  if (download) next.set(jobId, download);
  else next.delete(jobId);
  downloads = next;
  tell();
}

/** Changes what is known of a download, if anything is. */
export function changeDownload(jobId: string, over: Partial<Download>): void {
  const known = downloads.get(jobId);
  if (known) putDownload(jobId, { ...known, ...over });
}

/** Makes a run known for as long as it lasts. */
export function putRun(jobId: string, run: Run | null): void {
  if (run) runs.set(jobId, run);
  else runs.delete(jobId);
}

/** The runs of this tab that have not ended, by job. */
export function allRuns(): ReadonlyMap<string, Run> {
  return runs;
}

/** Wraps the call that cancels a job, so that its stream ends with it, quietly. Other jobs are only cancelled. */
export async function cancelling<T>(jobId: string, cancel: () => Promise<T>): Promise<T> {
  const run = runs.get(jobId);
  if (!run) return cancel();
  run.leaving = true;
  try {
    const answer = await cancel();
    run.stop();
    return answer;
  } catch (error) {
    run.leaving = false;
    throw error;
  }
}

/** Cancels everything that this tab streams: before the session is given up. */
export async function cancelAll(): Promise<void> {
  await Promise.all([...runs.values()].map((run) => run.cancel()));
}
