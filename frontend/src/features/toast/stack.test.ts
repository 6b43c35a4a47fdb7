import { describe, expect, it } from 'vitest';
import type { JobStatus } from '@/api/client';
import type { Download } from '@/downloads/store';
import { jobOf } from '@/shared/testing/jobs';
import { type StackOptions, seenOn, stackOf } from './stack';
import type { TabJob } from './toast';
import { shownExports } from './use-shown-exports';

const options: StackOptions = {
  dismissed: new Set(),
  openedAt: Date.parse('2026-11-23T12:00:00.000Z'),
  page: null,
  compact: false,
};
const now = '2026-11-23T12:30:00.000Z';
const one = (jobId: string, status: JobStatus, completedAt: string | null = null, tenant = 'meridian'): TabJob => ({
  tenant,
  job: jobOf(jobId, { status, completedAt }),
});
const download = (over: Partial<Download>): Download => {
  const blank = { phase: 'streaming', held: 'browser', problem: '', chosen: null, offers: [] } as const;
  return { tenant: 'meridian', jobId: '01A', ...blank, ...over };
};
const unsaved = download({
  phase: 'saved',
  offers: [{ kind: 'users', name: 'users.csv', saved: false, save: () => {}, drop: () => {} }],
});
const stack = (jobs: readonly TabJob[], over: Partial<StackOptions> = {}) => {
  const { shown, ...rest } = stackOf(jobs, { ...options, ...over });
  return { ids: shown.map(({ job }) => job.jobId), ...rest };
};

describe('stackOf', () => {
  it('keeps what lives, and what has ended since or not long before', () => {
    const jobs = [
      one('01E', 'preparing'),
      one('01D', 'completed', now),
      one('01C', 'failed', '2026-11-23T00:00:01.000Z'),
      one('01B', 'completed', '2026-11-22T23:59:59.000Z'),
      one('01A', 'expired', '2026-11-20T12:30:00.000Z'),
    ];
    expect(stack(jobs)).toMatchObject({
      ids: ['01D', '01E'],
      folded: { title: '1 export has ended' },
      dismissible: ['01D', '01C'],
    });
  });

  it('keeps a job whose files were deleted under the open page, so that it can be run again', () => {
    expect(stack([one('01A', 'expired', now)]).ids).toEqual(['01A']);
  });

  it('treats a job whose file did not arrive here as ended: it can be dismissed', () => {
    const jobs = [{ ...one('01A', 'downloading'), download: download({ phase: 'broken' }) }];
    expect(stack(jobs).ids).toEqual(['01A']);
    expect(stack(jobs, { dismissed: new Set(['01A']) }).ids).toEqual([]);
  });

  it('leaves out what was dismissed, but nothing that lives', () => {
    const jobs = [one('01B', 'downloading'), one('01A', 'completed', now)];
    expect(stack(jobs, { dismissed: new Set(['01A', '01B']) }).ids).toEqual(['01B']);
  });

  it('has one card for what is ready, the newest, and folds the others', () => {
    const jobs = ['01D', '01C', '01B', '01A'].map((id) => one(id, 'completed', now));
    expect(stack(jobs)).toEqual({
      ids: ['01D'],
      folded: { title: '3 exports are ready', tenant: 'meridian' },
      moreLive: 0,
      passing: [],
      dismissible: ['01D', '01C', '01B', '01A'],
      named: false,
    });
  });

  it('does not count what would leave by itself', () => {
    const jobs = [one('01C', 'completed', now), one('01B', 'cancelled', now), one('01A', 'completed', now)];
    expect(stack(jobs)).toMatchObject({ ids: ['01C'], folded: { title: '1 export is ready' }, passing: ['01B'] });
  });

  it('does not call ready what has failed', () => {
    const jobs = [one('01C', 'completed', now), one('01B', 'failed', now), one('01A', 'completed', now)];
    expect(stack(jobs).folded?.title).toBe('2 exports have ended');
  });

  it('shows what lives in any case, and the newest at the bottom', () => {
    const jobs = [one('01C', 'failed', now), one('01B', 'failed', now), one('01A', 'downloading', null, 'northgate')];
    expect(stack(jobs)).toMatchObject({ ids: ['01A', '01C'], folded: { title: '1 export has ended' }, named: true });
  });

  it('has one card only where there is little room: what lives comes first', () => {
    const jobs = [
      one('01D', 'completed', now),
      one('01C', 'downloading'),
      one('01B', 'queued', null, 'northgate'),
      one('01A', 'completed', now),
    ];
    expect(stack(jobs, { compact: true })).toMatchObject({
      ids: ['01C'],
      moreLive: 1,
      folded: { title: '2 exports are ready' },
    });
  });

  it('keeps the card of a file that is not saved, which Dismiss all must not lose', () => {
    const jobs = [one('01B', 'completed', now), { ...one('01A', 'completed', now), download: unsaved }];
    expect(stack(jobs)).toMatchObject({ ids: ['01A', '01B'], folded: null, dismissible: ['01B'] });
  });

  it('has no toast for what the page shows', () => {
    const jobs = [one('01C', 'downloading'), one('01B', 'completed', now), one('01A', 'completed', now, 'northgate')];
    expect(stack(jobs, { page: { tenant: 'meridian', jobId: null } }).ids).toEqual(['01A']);
    expect(stack(jobs, { page: { tenant: 'meridian', jobId: '01C' } })).toMatchObject({
      ids: ['01B'],
      folded: { title: '1 export is ready' },
    });
  });

  it('keeps the toast that says to leave the tab open, except on the page of its job', () => {
    const jobs = [{ ...one('01A', 'downloading'), download: download({}) }];
    expect(stack(jobs, { page: { tenant: 'meridian', jobId: null } }).ids).toEqual(['01A']);
    expect(stack(jobs, { page: { tenant: 'meridian', jobId: '01A' } }).ids).toEqual([]);
  });

  it('keeps a file that is not saved on every page', () => {
    const jobs = [{ ...one('01A', 'completed', now), download: unsaved }];
    for (const jobId of [null, '01A'])
      expect(stack(jobs, { page: { tenant: 'meridian', jobId } }).ids).toEqual(['01A']);
  });
});

describe('seenOn', () => {
  const since = Date.parse('2026-11-23T13:00:00.000Z');
  const later = '2026-11-23T13:00:00.001Z';
  const jobs = [
    one('01E', 'downloading'),
    one('01D', 'completed', later),
    one('01C', 'failed', now),
    { ...one('01B', 'completed', now), download: unsaved },
    one('01A', 'completed', now, 'northgate'),
  ];
  it('is what had ended when its page was opened', () => {
    expect(seenOn({ tenant: 'meridian', jobId: null }, since, jobs)).toEqual(['01C']);
    expect(seenOn({ tenant: 'meridian', jobId: '01C' }, since, jobs)).toEqual(['01C']);
    expect(seenOn({ tenant: 'meridian', jobId: '01D' }, since, jobs)).toEqual([]);
  });
});

describe('shownExports', () => {
  it.each([
    ['/t/meridian/exports', { tenant: 'meridian', jobId: null }],
    ['/t/meridian/exports/01A', { tenant: 'meridian', jobId: '01A' }],
    ['/t/meridian/users', null],
    ['/account', null],
  ])('reads %s', (path, page) => expect(shownExports(path)).toEqual(page));
});
