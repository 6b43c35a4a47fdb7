import { useQueries, useQuery, useQueryClient } from '@tanstack/react-query';
import { createContext, type ReactNode, useContext, useEffect, useMemo, useState } from 'react';
import type { Job } from '@/shared/api/client';
import { liveJobsQuery } from '@/shared/api/jobs';
import { keys } from '@/shared/api/keys';
import { sessionEnded, useSessionEnded, useSessionNumber } from '@/shared/api/session';
import type { Jobs } from './cache';
import { LinkContext } from './link';
import { openJobSocket, type SocketState, socketUrl } from './socket';
import { writeEvent } from './store';
import { type Watched, watch } from './watched';
import { isLive } from './words';

const whileAway = 2_000; // ms between polls while there is no socket and a job lives
const idle = 15_000; // ms between them while none lives: another tab may start one

/** A job and the tenant that it belongs to. */
export interface TenantJob {
  tenant: string;
  job: Job;
}

const WatchedContext = createContext<Watched>([]);

/**
 * Keeps this admin's jobs current: those of the tenant on the screen, and of tenants that were left while a job lived
 * there. One socket each; while one is away the jobs are polled for, with the same result.
 */
export function LiveJobsProvider({ tenant, children }: { tenant: string; children: ReactNode }) {
  const client = useQueryClient();
  const [watched, setWatched] = useState<Watched>([tenant]);
  const [open, setOpen] = useState<ReadonlySet<string>>(new Set());
  const lives = (of: string) => client.getQueryData(liveJobsQuery(of).queryKey)?.some(isLive) ?? false;
  const next = watch(watched, tenant, lives);
  if (next !== watched) setWatched(next);

  const onState = useMemo(
    () => (of: string, state: SocketState) => {
      if (state === 'ended') sessionEnded();
      setOpen((before) => {
        if (before.has(of) === (state === 'open')) return before;
        const after = new Set(before);
        if (state === 'open') after.add(of);
        else after.delete(of);
        return after;
      });
    },
    [],
  );
  return (
    <LinkContext value={open}>
      <WatchedContext value={next}>
        {next.map((of) => (
          <Link key={of} tenant={of} open={open.has(of)} onState={onState} />
        ))}
        {children}
      </WatchedContext>
    </LinkContext>
  );
}

interface LinkProps {
  tenant: string;
  open: boolean;
  onState: (tenant: string, state: SocketState) => void;
}

// Holds one tenant's socket, or polls.
function Link({ tenant, open, onState }: LinkProps) {
  const client = useQueryClient();
  const session = useSessionNumber();
  const ended = useSessionEnded();
  useQuery({
    ...liveJobsQuery(tenant),
    refetchInterval: ({ state: { data } }) => (open || ended ? false : data?.some(isLive) ? whileAway : idle),
    refetchOnWindowFocus: 'always', // a tab that slept catches up
  });
  // biome-ignore lint/correctness/useExhaustiveDependencies: a new session wants a new socket
  useEffect(() => {
    const close = openJobSocket({
      url: socketUrl(location.href, tenant),
      onEvent: (event) => writeEvent(client, tenant, event, 'mine'),
      onState: (state) => onState(tenant, state),
      onRole: () => void client.invalidateQueries({ queryKey: keys.me }),
    });
    return () => {
      close();
      onState(tenant, 'away');
    };
  }, [client, tenant, session, onState]);
  return null;
}

/** This admin's live and recent jobs, newest first: of one tenant, or of all that are watched. */
export function useLiveJobs(tenant?: string): readonly TenantJob[] {
  const all = useContext(WatchedContext);
  const watched = useMemo(() => (tenant === undefined ? all : [tenant]), [all, tenant]);
  const answers = useQueries({
    queries: watched.map((of) => ({ ...liveJobsQuery(of), enabled: false })),
    combine: data,
  });
  return useMemo(
    () =>
      watched
        .flatMap((of, i) => (answers[i] ?? []).map((job) => ({ tenant: of, job })))
        .sort((a, b) => (a.job.jobId < b.job.jobId ? 1 : -1)),
    [watched, answers],
  );
}

// Outside, so that it is called anew only when an answer changed.
function data(results: { data: Jobs | undefined }[]): (Jobs | undefined)[] {
  return results.map((result) => result.data);
}

/** The job that keeps this admin from starting another in the tenant; undefined where none lives. */
export function useMyLiveJob(tenant: string): Job | undefined {
  return useLiveJobs(tenant).find(({ job }) => isLive(job))?.job;
}
