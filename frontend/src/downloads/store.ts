import { useSyncExternalStore } from 'react';
import type { FileKind } from './picker';
import type { Held } from './sink';

/** A confirmed file that the browser holds and can save, once or again. */
export interface Offer {
  kind: FileKind;
  name: string;
  saved: boolean;
  save: () => void;
  /** Removes it from the browser. */
  drop: () => void;
}

/** This tab's download of a sync export. The server does not know this state. */
export interface Download {
  tenant: string;
  jobId: string;
  /** `broken`: the file did not arrive, whatever the job's status is; `problem` says why. */
  phase: 'streaming' | 'saved' | 'broken';
  held: Held;
  /** The text for the admin; "" for a lost connection. */
  problem: string;
  /**
   * The name of the file that the admin chose; null if the file goes to the browser's downloads.
   */
  chosen: string | null;
  offers: readonly Offer[];
}

/** The downloads of this tab, by job id. */
export type Downloads = ReadonlyMap<string, Download>;

/** The handle by which other code ends a running download. */
export interface Run {
  /** Whether the run is being cancelled. Then a broken stream is no failure. */
  leaving: boolean;
  /** Ends the stream and removes the written data. Shows `problem` if it is given. */
  stop: (problem?: string) => void;
  /** Cancels the job, and stops. With `tabClosed` the job says that its tab was closed. */
  cancel: (options?: { tabClosed?: boolean }) => Promise<void>;
}

let downloads: Downloads = new Map();
let starting: ReadonlySet<string> = new Set();
const runs = new Map<string, Run>();
const listeners = new Set<() => void>();

function notify(): void {
  for (const listener of listeners) listener();
}

function subscribe(listener: () => void): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

/** Returns this tab's downloads, running and ended. */
export function useDownloads(): Downloads {
  return useSyncExternalStore(subscribe, allDownloads);
}

/** Like useDownloads, outside of components. */
export function allDownloads(): Downloads {
  return downloads;
}

/**
 * Returns the tenants in which this tab is starting an export. A job that appears there is probably
 * its own.
 */
export function useStarting(): ReadonlySet<string> {
  return useSyncExternalStore(subscribe, isStarting);
}

/** Like useStarting, outside of components. */
export function isStarting(): ReadonlySet<string> {
  return starting;
}

/**
 * Records that an export is being started. Call the returned function when that has succeeded or
 * failed.
 */
export function beginStart(tenant: string): () => void {
  starting = new Set([...starting, tenant]);
  notify();
  return () => {
    starting = new Set([...starting].filter((one) => one !== tenant));
    notify();
  };
}

/** Sets a download; null removes it. */
export function putDownload(jobId: string, download: Download | null): void {
  const next = new Map(downloads);
  if (download) next.set(jobId, download);
  else next.delete(jobId);
  downloads = next;
  notify();
}

/** Changes a download if it exists. */
export function changeDownload(jobId: string, over: Partial<Download>): void {
  const known = downloads.get(jobId);
  if (known) putDownload(jobId, { ...known, ...over });
}

/** Registers a running download; null removes it. */
export function putRun(jobId: string, run: Run | null): void {
  if (run) runs.set(jobId, run);
  else runs.delete(jobId);
}

/** Returns the running downloads of this tab, by job id. */
export function allRuns(): ReadonlyMap<string, Run> {
  return runs;
}

/**
 * Calls `cancel` for a job and then ends its stream in this tab, if there is one, without reporting
 * a failure.
 */
export async function cancelWithStream<T>(jobId: string, cancel: () => Promise<T>): Promise<T> {
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

/** Cancels every job that this tab streams. Use it before a logout. */
export async function cancelAll(): Promise<void> {
  await Promise.all([...runs.values()].map((run) => run.cancel()));
}
