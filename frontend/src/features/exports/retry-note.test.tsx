import { act, screen } from '@testing-library/react';
import { afterEach, expect, it, vi } from 'vitest';
import type { Job } from '@/api/client';
import { keys } from '@/api/keys';
import { featuresOf, jobOf } from '@/shared/testing/jobs';
import { meOf } from '@/shared/testing/me';
import { renderUi, testClient } from '@/shared/testing/render';
import { JobDetail } from './detail/job-detail';
import { timeline } from './detail/timeline';
import { JobList } from './list/job-list';

const message = 'The file storage is not responding.';
const waiting: Partial<Job> = {
  status: 'downloading',
  words: 'Country is GB',
  createdAt: '2026-11-23T08:31:00.000Z',
  startedAt: '2026-11-23T08:31:00.000Z',
  retry: { reason: 'storage_unavailable', message, at: '2026-11-23T08:32:00.000Z', attempt: 3, of: 10 },
};
const full = 'The queue does not accept work: Redis is out of memory.';
const queued: Partial<Job> = {
  status: 'queued',
  words: 'Plan is Digital',
  retry: { reason: 'queue_out_of_memory', message: full, at: null, attempt: null, of: null },
};

function client() {
  const made = testClient();
  made.setQueryData(keys.me, meOf('owner'));
  made.setQueryData(keys.features('meridian'), featuresOf('async'));
  return made;
}

afterEach(() => vi.useRealTimers());

it('is on the page of a job that waits, counts down, and leaves the cancel', async () => {
  vi.useFakeTimers({ now: new Date('2026-11-23T08:31:28.000Z') });
  const page = (over: Partial<Job>) => (
    <JobDetail tenant="meridian" job={jobOf('01A', { ...waiting, ...over })} onStarted={() => {}} />
  );
  const { rerender } = renderUi(page({}), { client: client() });
  expect(screen.getByText(new RegExp(`^${message} Attempt 3 of 10 in 32 s, at \\d\\d:32:00`))).toBeVisible();
  expect(screen.getAllByText('Waiting')).toHaveLength(2); // the badge, and the receipt instead of "Downloading: …"
  expect(screen.queryByText(/Downloading:/)).not.toBeInTheDocument();
  expect(screen.getByRole('button', { name: /Cancel/ })).toBeEnabled();
  await act(() => vi.advanceTimersByTimeAsync(1_000));
  expect(screen.getByText(/Attempt 3 of 10 in 31 s/)).toBeVisible();
  await act(() => vi.advanceTimersByTimeAsync(31_000));
  expect(screen.getByText(/Attempt 3 of 10 is running\.$/)).toBeVisible();
  expect(screen.getAllByText('Retrying')).toHaveLength(2);
  rerender(page({ retry: null }));
  expect(screen.queryByText(/Attempt 3|Retrying/)).not.toBeInTheDocument();
});

it('is the reason in the list', () => {
  vi.useFakeTimers({ now: new Date('2026-11-23T08:31:28.000Z') });
  renderUi(<JobList tenant="meridian" jobs={[jobOf('01B', waiting), jobOf('01A', queued)]} zone="UTC" />, {
    client: client(),
  });
  expect(screen.getByRole('row', { name: /Country is GB/ })).toHaveTextContent(
    /Waiting.*not responding\. Attempt 3 of 10 in 32 s, at/,
  );
  expect(screen.getByRole('row', { name: /Plan is Digital/ })).toHaveTextContent(`${full} The export starts`);
});

it('is amber in the timeline', () => {
  const history = [{ time: '2026-11-23T08:31:00.000Z', kind: 'waiting', message: full }];
  expect(timeline(jobOf('01A', { ...queued, history }))[0]).toMatchObject({ name: 'Waiting', look: 'warn' });
});
