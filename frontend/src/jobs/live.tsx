import { useQueries, useQuery, useQueryClient } from '@tanstack/react-query';
import {
  createContext,
  type ReactNode,
  useCallback,
  useContext,
  useEffect,
  useMemo,
  useState,
  useSyncExternalStore,
} from 'react';
import type { Job, Me } from '@/api/client';
import { keys } from '@/api/keys';
import { sessionEnded, useSessionEnded, useSessionNumber } from '@/api/session';
import { useFirstPaint } from '@/shared/first-paint';
import { writeSocketEvent } from './cache';
import type { Jobs } from './events';
import { liveJobsQuery } from './queries';
import type { SocketState } from './socket';
import { OpenSocketsContext } from './socket-context';
import { isLive } from './status';
import { tabSockets } from './tab-sockets';
import { reportUnseenEnd } from './unseen-end';
import { type WatchedTenants, watchTenants } from './watched-tenants';

const livePoll = 2_000; // ms between polls without a socket while a job is live
const idlePoll = 15_000; // ms between polls without a socket otherwise; another tab may start a job

/** A job and the tenant that it belongs to. */
export interface TenantJob {
  tenant: string;
  job: Job;
}

const WatchedContext = createContext<WatchedTenants>([]);

/**
 * Keeps this admin's jobs current, in the tenant on the screen and in tenants that the admin left
 * while a job was live. The tabs of a browser share one socket per tenant. The tab polls while a
 * socket is closed.
 */
export function LiveJobsProvider({ tenant, children }: { tenant: string; children: ReactNode }) {
  const client = useQueryClient();
  const [watched, setWatched] = useState<WatchedTenants>([tenant]);
  const [open, setOpen] = useState<ReadonlySet<string>>(new Set());
  const lives = (of: string) => client.getQueryData(liveJobsQuery(of).queryKey)?.some(isLive) ?? false;
  const next = watchTenants(watched, tenant, lives);
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
    <OpenSocketsContext value={open}>
      <WatchedContext value={next}>
        {next.map((of) => (
          <TenantSocket key={of} tenant={of} open={open.has(of)} onState={onState} />
        ))}
        {children}
      </WatchedContext>
    </OpenSocketsContext>
  );
}

interface TenantSocketProps {
  tenant: string;
  open: boolean;
  onState: (tenant: string, state: SocketState) => void;
}

// Keeps one tenant's socket open, and polls while it is closed.
function TenantSocket({ tenant, open, onState }: TenantSocketProps) {
  const client = useQueryClient();
  const login = useSessionNumber();
  const email = useCached(() => client.getQueryData<Me>(keys.me)?.email);
  const ended = useSessionEnded();
  const painted = useFirstPaint();
  useQuery({
    ...liveJobsQuery(tenant),
    enabled: painted,
    refetchInterval: ({ state: { data } }) => (open || ended ? false : data?.some(isLive) ? livePoll : idlePoll),
    refetchOnWindowFocus: 'always', // a suspended tab catches up
  });
  useEffect(() => {
    if (email === undefined || !painted) return;
    const leave = tabSockets().join({ tenant, email }, login, (message) => {
      switch (message.type) {
        case 'event':
          return writeSocketEvent(client, tenant, message.event);
        case 'state':
          return onState(tenant, message.state);
        case 'role':
          return void client.invalidateQueries({ queryKey: keys.me });
        case 'unseen':
          return reportUnseenEnd({ tenant, job: message.job });
      }
    });
    return () => {
      leave();
      onState(tenant, 'away');
    };
  }, [client, tenant, email, login, painted, onState]);
  return null;
}

/**
 * Returns this admin's live and recent jobs of all watched tenants, newest first.
 */
export function useLiveJobs(): readonly TenantJob[] {
  const watched = useContext(WatchedContext);
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

// Defined outside of the hook, so that the Query library calls it only when an answer has changed.
function data(results: { data: Jobs | undefined }[]): (Jobs | undefined)[] {
  return results.map((result) => result.data);
}

/**
 * Returns this admin's live job in the tenant, which blocks a new one; undefined if there is none. It reads the cache
 * itself, since whole pages use it: the result of a query changes with the state of the request too.
 */
export function useMyLiveJob(tenant: string): Job | undefined {
  const client = useQueryClient();
  return useCached(() => client.getQueryData(liveJobsQuery(tenant).queryKey)?.find(isLive));
}

// Returns what `read` finds in the cache, and follows its changes.
function useCached<T>(read: () => T): T {
  const client = useQueryClient();
  const subscribe = useCallback((changed: () => void) => client.getQueryCache().subscribe(changed), [client]);
  return useSyncExternalStore(subscribe, read);
}
