import { act, screen, waitFor, within } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { afterEach, describe, expect, it, vi } from 'vitest';
import type { Job } from '@/api/client';
import { keys } from '@/api/keys';
import { putDownload } from '@/downloads/store';
import { writeEvent } from '@/jobs/cache';
import { LiveJobsProvider } from '@/jobs/live';
import { featuresOf, fileOf, jobOf } from '@/shared/testing/jobs';
import { meOf } from '@/shared/testing/me';
import { renderUi, testClient } from '@/shared/testing/render';
import { storageKey } from './dismissed';
import { ToastStack } from './toast-stack';

const server = await vi.hoisted(async () => (await import('@/shared/testing/server')).fakeServer());

const me = meOf('owner');
const completedAt = new Date().toISOString();
const file = fileOf({ bytes: 48_100_000 });
const files = [file];

function setup(...jobs: Job[]) {
  return setupAt('/t/meridian/users', ...jobs);
}

function setupAt(at: string, ...jobs: Job[]) {
  const mode = jobs[0]?.mode ?? 'async';
  vi.stubGlobal(
    'WebSocket',
    class extends EventTarget {
      close() {}
    },
  );
  server.answers(() => undefined);
  const client = testClient();
  client.setQueryData(keys.me, me);
  client.setQueryData(keys.features('meridian'), featuresOf(mode));
  client.setQueryData(keys.liveJobs('meridian'), jobs);
  const page = (
    <LiveJobsProvider tenant="meridian">
      <button type="button">Page</button>
      <ToastStack />
    </LiveJobsProvider>
  );
  return {
    ...renderUi(page, { client, at }),
    user: userEvent.setup(),
    answerWith: (body: unknown) => server.answers(() => ({ body })),
    tell: (job: Job) => writeEvent(client, 'meridian', { type: 'job', job }, 'mine'),
  };
}

afterEach(() => {
  vi.useRealTimers();
  localStorage.clear();
  vi.unstubAllGlobals();
});

describe('ToastStack', () => {
  it('shows nothing while there is nothing', () => {
    setup();
    expect(screen.queryByRole('region')).not.toBeInTheDocument();
    expect(screen.getByRole('status')).toBeEmptyDOMElement();
  });

  it('follows a job, and speaks phases and outcomes alone', async () => {
    const { tell } = setup(jobOf('01A', { status: 'preparing' }));
    const bar = () => screen.getByRole('progressbar', { name: 'Export progress' });
    expect(bar()).not.toHaveAttribute('aria-valuenow');
    const { progress } = jobOf('01A', {});
    const users = { ...progress.users, bytes: 12_400_000, bytesTotal: 48_100_000 };
    tell(jobOf('01A', { status: 'downloading', version: 2, progress: { ...progress, percent: 26, users } }));
    expect(await screen.findByRole('article', { name: 'Downloading: 12.4MB / 48.1MB' })).toHaveTextContent('26%');
    expect(bar()).toHaveAttribute('aria-valuetext', '12.4 of 48.1 megabytes, 26 percent');
    await waitFor(() => expect(screen.getByRole('status')).toHaveTextContent(/^Downloading\.$/));
    tell(jobOf('01A', { status: 'completed', version: 3, completedAt, files }));
    await screen.findByRole('article', { name: 'Export complete!' });
    await waitFor(() => expect(screen.getByRole('status')).toHaveTextContent('Export complete! 61,904 rows, 48.1MB.'));
    expect(screen.queryByRole('progressbar')).not.toBeInTheDocument();
  });

  it('says why a job waits, counts down, and speaks of it once', async () => {
    vi.useFakeTimers({ now: new Date('2026-11-23T08:31:28.000Z') });
    const message = 'The file storage is not responding.';
    const retry = (at: string, attempt: number) =>
      ({ reason: 'storage_unavailable', message, at, attempt, of: 10 }) as const;
    const { tell } = setup(jobOf('01A', { status: 'downloading', version: 1 }));
    const spoken = () => screen.getByRole('status').textContent;
    const pass = (ms: number) => act(() => vi.advanceTimersByTimeAsync(ms));
    await pass(0);
    tell(jobOf('01A', { status: 'downloading', version: 2, retry: retry('2026-11-23T08:32:00.000Z', 2) }));
    await pass(0);
    const toast = screen.getByRole('article', { name: 'Waiting' });
    expect(toast).toHaveTextContent(
      /^Waiting.*The file storage is not responding\. Attempt 2 of 10 in 32 s, at \d\d:32:00\./,
    );
    expect(spoken()).toBe(`${message} Egress tries again by itself.`);
    await pass(2_000);
    expect(toast).toHaveTextContent('Attempt 2 of 10 in 30 s');
    expect(spoken()).toBe(`${message} Egress tries again by itself.`);
    await pass(31_000);
    expect(toast).toHaveTextContent(`${message} Attempt 2 of 10 is running.`);
    expect(toast).toHaveAccessibleName('Retrying');

    const news = vi.fn();
    const observer = new MutationObserver(news);
    observer.observe(screen.getByRole('status'), { childList: true, characterData: true, subtree: true });
    tell(jobOf('01A', { status: 'downloading', version: 3, retry: retry('2026-11-23T08:32:41.000Z', 3) }));
    await pass(0);
    expect(toast).toHaveTextContent(/Attempt 3 of 10 in \d+ s, at/);
    expect(news).not.toHaveBeenCalled();
    tell(jobOf('01A', { status: 'downloading', version: 4 }));
    await pass(0);
    expect(toast).not.toHaveTextContent(message);
    expect(spoken()).toBe('Downloading.');
    observer.disconnect();
    vi.useRealTimers();
  });

  it('expands its figures by the chevron', async () => {
    const { user } = setup(jobOf('01A', { status: 'downloading' }));
    await user.click(screen.getByRole('button', { name: /^Show details/ }));
    expect(screen.getByText('Speed')).toBeInTheDocument();
    expect(screen.getByRole('link', { name: /^View export/ })).toHaveAttribute('href', '/t/meridian/exports/01A');
    expect(screen.getByRole('button', { name: /^Hide details/ })).toHaveAttribute('aria-expanded', 'true');
  });

  it('asks in place before it cancels', async () => {
    const { user, answerWith } = setup(jobOf('01A', { status: 'downloading' }));
    await user.click(screen.getByRole('button', { name: /^Show details/ }));
    await user.click(screen.getByRole('button', { name: /^Cancel export/ }));
    expect(screen.getByRole('article', { name: 'Cancel this export?' })).toBeInTheDocument();
    expect(screen.getByRole('button', { name: /^Keep going/ })).toHaveFocus();
    await user.keyboard('{Enter}');
    expect(screen.getByRole('button', { name: /^Cancel export/ })).toHaveFocus();
    expect(server.asked.filter(({ method }) => method === 'DELETE')).toHaveLength(0);

    answerWith(jobOf('01A', { status: 'cancelled', version: 5, completedAt }));
    await user.keyboard('{Enter}');
    await user.click(screen.getByRole('button', { name: /^Cancel export/ }));
    expect(await screen.findByRole('article', { name: 'Export cancelled' })).toHaveFocus();
    const cancels = server.asked.filter(({ method }) => method === 'DELETE');
    expect(cancels).toMatchObject([{ path: '/v4/user-export-jobs/01A' }]);
  });

  it('runs a failed definition again, and goes', async () => {
    const { user, answerWith } = setup(jobOf('01A', { status: 'failed', completedAt }));
    answerWith(jobOf('01B', { status: 'queued', queuePosition: 1, version: 1 }));
    await user.click(screen.getByRole('button', { name: /^Retry/ }));
    expect(await screen.findByText('Position 1 in the queue')).toBeInTheDocument();
    expect(screen.queryByRole('article', { name: /failed/ })).not.toBeInTheDocument();
    const starts = server.asked.filter(({ method }) => method === 'POST');
    expect(starts).toMatchObject([{ body: jobOf('01A', {}).definition }]);
  });

  it('stays when the admin chooses no place for another try', async () => {
    const { user } = setup(jobOf('01A', { status: 'failed', mode: 'sync', completedAt }));
    const picker = vi.fn(() => Promise.reject(new DOMException('', 'AbortError')));
    vi.stubGlobal('isSecureContext', true);
    vi.stubGlobal('showSaveFilePicker', picker);
    await user.click(screen.getByRole('button', { name: /^Retry/ }));
    await waitFor(() => expect(picker).toHaveBeenCalledOnce());
    await waitFor(() => expect(screen.getByRole('button', { name: /^Retry/ })).toBeEnabled());
    expect(screen.getByRole('article', { name: /failed/ })).toBeInTheDocument();
    expect(screen.queryByRole('alert')).not.toBeInTheDocument();
    expect(server.asked.some(({ method }) => method === 'POST')).toBe(false);
  });

  it('saves what this browser holds, and says that another tab receives a file', async () => {
    const { user, tell } = setup(jobOf('01A', { status: 'downloading', mode: 'sync' }));
    expect(screen.getByText(/It runs in another tab/)).toBeInTheDocument();
    const save = vi.fn();
    const offer = { kind: 'state_events' as const, name: 'state_events.csv', saved: false, save, drop: () => {} };
    const blank = { tenant: 'meridian', jobId: '01A', held: 'browser', problem: '', chosen: null } as const;
    act(() => putDownload('01A', { ...blank, phase: 'saved', offers: [offer] }));
    tell(jobOf('01A', { status: 'completed', mode: 'sync', version: 2, completedAt }));
    await user.click(await screen.findByRole('button', { name: /^Save state events/ }));
    expect(save).toHaveBeenCalledOnce();
    act(() => putDownload('01A', null));
  });

  it('is dismissed in all tabs, and for good', async () => {
    const done = { status: 'completed', completedAt, files } as const;
    const { user } = setup(jobOf('01B', done), jobOf('01A', { ...done, status: 'failed' }));
    await user.click(
      within(screen.getByRole('article', { name: /complete/ })).getByRole('button', { name: /^Dismiss: Everyone/ }),
    );
    expect(screen.queryByRole('article', { name: /complete/ })).not.toBeInTheDocument();
    expect(screen.getByRole('region', { name: 'Your exports' })).toHaveFocus();
    expect(localStorage.getItem(storageKey('u1'))).toBe('["01B"]');

    localStorage.setItem(storageKey('u1'), '["01B","01A"]');
    act(() => void dispatchEvent(new StorageEvent('storage', { key: storageKey('u1') })));
    expect(screen.queryByRole('region')).not.toBeInTheDocument();
  });

  it('says which export it is, to the eye and in the names of its buttons', () => {
    const createdAt = '2026-11-23T20:36:28.000Z';
    setup(jobOf('01B', { status: 'completed', completedAt, files, createdAt, words: 'Country is GB' }));
    const subject = /Country is GB, .*20:36/;
    const toast = screen.getByRole('article', { name: 'Export complete!', description: subject });
    expect(within(toast).getByText(subject)).toBeVisible();
    for (const name of ['Download', 'Dismiss']) {
      expect(within(toast).getByRole('button', { name: new RegExp(`^${name}: ${subject.source}`) })).toBeVisible();
    }
  });

  it('folds what is ready, leads to it, and dismisses all of it', async () => {
    const ids = ['01D', '01C', '01B', '01A'];
    const { user } = setup(...ids.map((id) => jobOf(id, { status: 'completed', completedAt, files })));
    expect(screen.getAllByRole('article')).toHaveLength(1);
    const link = screen.getByRole('link', { name: '3 exports are ready' });
    expect(link).toHaveAttribute('href', '/t/meridian/exports');
    await user.click(screen.getByRole('button', { name: 'Dismiss all' }));
    expect(screen.queryByRole('region')).not.toBeInTheDocument();
    expect(JSON.parse(localStorage.getItem(storageKey('u1')) ?? '')).toEqual(ids);
  });

  it.each(['/t/meridian/exports', '/t/meridian/exports/01A'])('leaves at %s, for good', async (at) => {
    setupAt(at, jobOf('01A', { status: 'completed', completedAt: new Date(Date.now() - 1_000).toISOString(), files }));
    expect(screen.queryByRole('article')).not.toBeInTheDocument();
    await waitFor(() => expect(localStorage.getItem(storageKey('u1'))).toBe('["01A"]'));
  });

  it('gives the focus back after the download that F6 led to', async () => {
    const { user, answerWith } = setup(jobOf('01A', { status: 'completed', completedAt, files }));
    answerWith(jobOf('01A', { status: 'completed', completedAt, files: [{ ...file, downloadUrl: '#signed' }] }));
    await user.click(screen.getByRole('button', { name: 'Page' }));
    await user.keyboard('{F6}');
    screen.getByRole('button', { name: /^Download/ }).focus();
    await user.keyboard('{Enter}');
    await waitFor(() => expect(screen.queryByRole('article')).not.toBeInTheDocument());
    expect(screen.getByRole('button', { name: 'Page' })).toHaveFocus();
  });

  it('is reached, and left, by F6', async () => {
    const { user } = setup(jobOf('01A', { status: 'preparing' }));
    await user.click(screen.getByRole('button', { name: 'Page' }));
    await user.keyboard('{F6}');
    expect(screen.getByRole('region', { name: 'Your exports' })).toHaveFocus();
    await user.keyboard('{F6}');
    expect(screen.getByRole('button', { name: 'Page' })).toHaveFocus();
  });

  it('lets a cancelled job go by itself', async () => {
    vi.useFakeTimers();
    setup(jobOf('01A', { status: 'cancelled', completedAt }));
    await act(() => vi.advanceTimersByTimeAsync(7_999));
    expect(screen.getByRole('article', { name: 'Export cancelled' })).toBeInTheDocument();
    await act(() => vi.advanceTimersByTimeAsync(1));
    expect(screen.queryByRole('article')).not.toBeInTheDocument();
    vi.useRealTimers();
    await waitFor(() => expect(localStorage.getItem(storageKey('u1'))).toBe('["01A"]'));
  });
});
