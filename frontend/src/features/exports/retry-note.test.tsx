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
  expect(screen.getByText(`${message} Trying again in 32 s.`).parentElement).toHaveTextContent(/Attempt 3 of 10\.$/);
  expect(screen.getByRole('button', { name: /Cancel/ })).toBeEnabled();
  await act(() => vi.advanceTimersByTimeAsync(1_000));
  expect(screen.getByText(`${message} Trying again in 31 s.`)).toBeVisible();
  rerender(page({ retry: null }));
  expect(screen.queryByText(/Trying again/)).not.toBeInTheDocument();
});

it('is the reason in the list', () => {
  vi.useFakeTimers({ now: new Date('2026-11-23T08:31:28.000Z') });
  renderUi(<JobList tenant="meridian" jobs={[jobOf('01B', waiting), jobOf('01A', queued)]} zone="UTC" />, {
    client: client(),
  });
  expect(screen.getByRole('row', { name: /Country is GB/ })).toHaveTextContent(`${message} Trying again in 32 s.`);
  expect(screen.getByRole('row', { name: /Plan is Digital/ })).toHaveTextContent(`${full} The export starts`);
});

it('is amber in the timeline', () => {
  const history = [{ time: '2026-11-23T08:31:00.000Z', kind: 'waiting', message: full }];
  expect(timeline(jobOf('01A', { ...queued, history }))[0]).toMatchObject({ name: 'Waiting', look: 'warn' });
});
