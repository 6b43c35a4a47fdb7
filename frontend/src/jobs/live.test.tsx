import { useQuery } from '@tanstack/react-query';
import { act, screen, waitFor } from '@testing-library/react';
import type { ReactElement } from 'react';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import type { Job } from '@/api/client';
import { keys } from '@/api/keys';
import { jobOf } from '@/shared/testing/jobs';
import { meOf } from '@/shared/testing/me';
import { renderUi, testClient } from '@/shared/testing/render';
import { LiveJobsProvider, useLiveJobs, useMyLiveJob } from './live';

// A socket that the test speaks for.
class Socket extends EventTarget {
  static all: Socket[] = [];
  closed = false;
  constructor(readonly url: string | URL) {
    super();
    Socket.all.push(this);
  }
  close() {
    this.closed = true;
  }
  open() {
    this.dispatchEvent(new Event('open'));
  }
  say(message: object) {
    this.dispatchEvent(new MessageEvent('message', { data: JSON.stringify(message) }));
  }
  lose(code: number) {
    this.dispatchEvent(new CloseEvent('close', { code }));
  }
}

let jobs: Job[] = [];
const asked = vi.fn();

beforeEach(() => {
  Socket.all = [];
  jobs = [];
  asked.mockReset();
  vi.stubGlobal('WebSocket', Socket);
  vi.stubGlobal('fetch', async (request: Request) => {
    asked(request.url);
    return Response.json({ results: jobs, next: null });
  });
});
afterEach(() => {
  vi.useRealTimers();
  vi.unstubAllGlobals();
});

function Shown({ tenant }: { tenant: string }) {
  const live = useMyLiveJob(tenant);
  return (
    <>
      <ul>
        {useLiveJobs().map(({ tenant: of, job }) => (
          <li key={job.jobId}>{`${of} ${job.jobId} ${job.status}`}</li>
        ))}
      </ul>
      <button type="button" aria-disabled={live !== undefined}>
        Export
      </button>
    </>
  );
}

function ui(tenant: string) {
  return (
    <LiveJobsProvider tenant={tenant}>
      <Shown tenant={tenant} />
    </LiveJobsProvider>
  );
}

// As an admin who is logged in.
async function renderLive(page: ReactElement) {
  const client = testClient();
  client.setQueryData(keys.me, meOf('viewer'));
  const shown = renderUi(page, { client });
  await socketsLoaded();
  return shown;
}

// jsdom has no shared workers, so the page loads sockets of its own.
const socketsLoaded = () => act(() => vi.dynamicImportSettled());

const lines = () => screen.queryAllByRole('listitem').map(({ textContent }) => textContent);
const button = () => screen.getByRole('button', { name: 'Export' });

it('shows what the socket says, newest state only, and knows whether a job lives', async () => {
  await renderLive(ui('a'));
  const [socket] = Socket.all;
  act(() => {
    socket?.open();
    socket?.say({ type: 'snapshot', jobs: [jobOf('01A', { version: 2, status: 'downloading' })] });
  });
  await waitFor(() => expect(lines()).toEqual(['a 01A downloading']));
  expect(button()).toHaveAttribute('aria-disabled', 'true');
  act(() => {
    socket?.say({ type: 'job', job: jobOf('01A', { version: 3, status: 'completed' }) });
    socket?.say({ type: 'job', job: jobOf('01A', { version: 2, status: 'downloading' }) });
  });
  await waitFor(() => expect(lines()).toEqual(['a 01A completed']));
  expect(button()).toHaveAttribute('aria-disabled', 'false');
});

it('shows the progress of a known job, and loads the jobs again for an unknown one', async () => {
  const progressOf = (jobId: string, version: number, percent: number) => {
    return { type: 'progress', jobId, version, progress: { ...jobOf(jobId, {}).progress, percent } };
  };
  const known = jobOf('01A', { version: 2, status: 'downloading' });
  jobs = [known];
  function Percent() {
    return useLiveJobs().map(({ job }) => <p key={job.jobId}>{`${job.jobId} at ${job.progress.percent} percent`}</p>);
  }
  await renderLive(
    <LiveJobsProvider tenant="a">
      <Percent />
    </LiveJobsProvider>,
  );
  await screen.findByText('01A at 0 percent');
  act(() => {
    Socket.all[0]?.open();
    Socket.all[0]?.say(progressOf('01A', 4, 40));
    Socket.all[0]?.say(progressOf('01A', 3, 30));
  });
  await screen.findByText('01A at 40 percent');
  jobs = [jobOf('01B', { version: 1, status: 'downloading' }), known];
  act(() => Socket.all[0]?.say(progressOf('01B', 2, 10)));
  await screen.findByText('01B at 0 percent');
  act(() => Socket.all[0]?.say(progressOf('01B', 3, 20)));
  await screen.findByText('01B at 20 percent');
  expect(screen.getByText('01A at 40 percent')).toBeVisible();
});

it.each([
  ['refused', 1006],
  ['one too many', 4002],
])('polls while the socket is %s, with the same result', async (_, code) => {
  vi.useFakeTimers({ shouldAdvanceTime: false });
  jobs = [jobOf('01A', { version: 1, status: 'downloading' })];
  await renderLive(ui('a'));
  act(() => Socket.all[0]?.open());
  act(() => Socket.all[0]?.lose(code));
  await act(() => vi.advanceTimersByTimeAsync(100));
  expect(lines()).toEqual(['a 01A downloading']);
  jobs = [jobOf('01A', { version: 2, status: 'completed' })];
  await act(() => vi.advanceTimersByTimeAsync(2_000));
  expect(lines()).toEqual(['a 01A completed']);
});

it('catches up when a tab that slept is looked at again', async () => {
  jobs = [jobOf('01A', { version: 1, status: 'downloading' })];
  await renderLive(ui('a'));
  act(() => Socket.all[0]?.open());
  await waitFor(() => expect(lines()).toEqual(['a 01A downloading']));
  jobs = [jobOf('01A', { version: 2, status: 'completed' })];
  act(() => void dispatchEvent(new Event('visibilitychange')));
  await waitFor(() => expect(lines()).toEqual(['a 01A completed']));
});

it('polls while the socket is away, and stops when it opens', async () => {
  vi.useFakeTimers({ shouldAdvanceTime: false });
  jobs = [jobOf('01A', { version: 1, status: 'downloading' })];
  await renderLive(ui('a'));
  act(() => Socket.all[0]?.lose(1006));
  await act(() => vi.advanceTimersByTimeAsync(100));
  expect(lines()).toEqual(['a 01A downloading']);
  jobs = [jobOf('01A', { version: 2, status: 'completed' })];
  await act(() => vi.advanceTimersByTimeAsync(2_000));
  expect(lines()).toEqual(['a 01A completed']);
  act(() => Socket.all.at(-1)?.open());
  const before = asked.mock.calls.length;
  await act(() => vi.advanceTimersByTimeAsync(60_000));
  expect(asked.mock.calls.length).toBe(before);
});

it('follows a tenant that was left while a job lived there', async () => {
  const { rerender } = await renderLive(ui('a'));
  act(() => {
    Socket.all[0]?.open();
    Socket.all[0]?.say({ type: 'snapshot', jobs: [jobOf('01A', { version: 1, status: 'downloading' })] });
  });
  await waitFor(() => expect(lines()).toEqual(['a 01A downloading']));
  rerender(ui('b'));
  act(() => {
    Socket.all[1]?.say({ type: 'snapshot', jobs: [jobOf('01B', { version: 1, status: 'queued' })] });
    Socket.all[0]?.say({ type: 'job', job: jobOf('01A', { version: 2, status: 'completed' }) });
  });
  await waitFor(() => expect(lines()).toEqual(['b 01B queued', 'a 01A completed']));
  expect(Socket.all[0]?.closed).toBe(false);
});

it('refetches the logged-in admin when the role has changed', async () => {
  const me = vi.fn(async () => meOf('viewer'));
  function Who() {
    return <p>{useQuery({ queryKey: keys.me, queryFn: me }).data?.role}</p>;
  }
  renderUi(
    <>
      <Who />
      {ui('a')}
    </>,
  );
  await screen.findByText('viewer');
  await socketsLoaded();
  act(() => Socket.all[0]?.open());
  expect(me).toHaveBeenCalledTimes(1);
  act(() => Socket.all[0]?.lose(4004));
  await waitFor(() => expect(me).toHaveBeenCalledTimes(2));
});

it('does not render a page again for answers without a live job', async () => {
  const rendered = vi.fn();
  function Page() {
    rendered(useMyLiveJob('a')?.jobId);
    return null;
  }
  await renderLive(
    <LiveJobsProvider tenant="a">
      <Page />
      <Shown tenant="a" />
    </LiveJobsProvider>,
  );
  expect(rendered).toHaveBeenCalledOnce();
  const say = (job: Job) => act(() => Socket.all[0]?.say({ type: 'job', job }));
  say(jobOf('01A', { version: 1, status: 'completed' }));
  await waitFor(() => expect(lines()).toEqual(['a 01A completed']));
  expect(rendered).toHaveBeenCalledOnce();
  say(jobOf('01B', { version: 1, status: 'preparing' }));
  await waitFor(() => expect(rendered).toHaveBeenLastCalledWith('01B'));
});
