import { describe, expect, it } from 'vitest';
import type { Job, JobStatus } from '@/api/client';
import { jobOf } from '@/shared/testing/jobs';
import { announce, type Phases } from './announcement';

const names = (tenant: string) => (tenant === 'meridian' ? 'Meridian Press' : 'Northgate');
const one = (status: JobStatus, over: Partial<Job> = {}, tenant = 'meridian') => ({
  tenant,
  job: jobOf(`01${tenant}`, { status, ...over }),
});
const known = (status?: JobStatus): Phases => new Map(status && [['01meridian', status]]);

describe('speak', () => {
  const failure = { code: 'internal', message: 'The disk is full.' } as const;
  it.each<[string, JobStatus | undefined, JobStatus, Partial<Job>, string]>([
    ['a job that begins', undefined, 'queued', {}, 'Preparing user export...'],
    ['nothing new', 'queued', 'preparing', {}, ''],
    ['a phase without its figures', 'preparing', 'downloading', {}, 'Downloading.'],
    ['no tick', 'downloading', 'downloading', { version: 9 }, ''],
    ['an outcome', 'downloading', 'completed', {}, 'Export complete!'],
    [
      'a failure and its reason',
      'downloading',
      'failed',
      { error: failure },
      'Export failed. Please try again. The disk is full. The cause is on our side, not your connection. Check your internet connection and retry.',
    ],
    ['a cancel', 'queued', 'cancelled', {}, 'Export cancelled. No file was kept.'],
    ['no old outcome', undefined, 'failed', {}, ''],
    ['no expiry', 'completed', 'expired', {}, ''],
  ])('says %s', (_, before, status, over, said) => {
    expect(announce(known(before), [one(status, over)], names).said).toBe(said);
  });

  it('says why a job waits, and that it goes on, but not each attempt', () => {
    const retry = (attempt: number) =>
      ({
        reason: 'storage_unavailable',
        message: 'The file storage is away.',
        at: '2026-11-23T08:32:00Z',
        attempt,
        of: 10,
      }) as const;
    const first = announce(known('downloading'), [one('downloading', { retry: retry(2) })], names);
    expect(first.said).toBe('The file storage is away. Egress tries again by itself.');
    const second = announce(first.phases, [one('downloading', { retry: retry(3) })], names);
    expect(second.said).toBe('');
    expect(announce(second.phases, [one('downloading')], names).said).toBe('Downloading.');
    expect(announce(second.phases, [one('preparing', { retry: retry(3) })], names).said).toBe('');
  });

  it('says whose job it is where there are two tenants', () => {
    const jobs = [one('completed'), one('completed', {}, 'northgate')];
    expect(announce(known('downloading'), jobs, names).said).toBe('Meridian Press: Export complete!');
  });

  it('says once that a file did not arrive, whatever the server makes of it', () => {
    const download = { phase: 'broken', held: 'disk', problem: '', chosen: null, offers: [] } as const;
    const broken = (status: JobStatus) => [
      { ...one(status, { mode: 'sync' }), download: { tenant: 'meridian', jobId: '01meridian', ...download } },
    ];
    const { said, phases } = announce(known('downloading'), broken('downloading'), names);
    expect(said).toBe('Export failed. Please try again. Check your internet connection and retry.');
    expect(announce(phases, broken('cancelled'), names).said).toBe('');
  });

  it('says nothing twice', () => {
    const { phases } = announce(known('downloading'), [one('completed')], names);
    expect(announce(phases, [one('completed')], names).said).toBe('');
  });
});
