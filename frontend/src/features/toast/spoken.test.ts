import { describe, expect, it } from 'vitest';
import type { Job, JobStatus } from '@/shared/api/client';
import { jobOf } from '@/shared/testing/jobs';
import { type Phases, speak } from './spoken';

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
      'Export failed. Please try again. The disk is full. Check your internet connection and retry.',
    ],
    ['a cancel', 'queued', 'cancelled', {}, 'Export cancelled. No file was kept.'],
    ['no old outcome', undefined, 'failed', {}, ''],
    ['no expiry', 'completed', 'expired', {}, ''],
  ])('says %s', (_, before, status, over, said) => {
    expect(speak(known(before), [one(status, over)], names).said).toBe(said);
  });

  it('says whose job it is where there are two tenants', () => {
    const jobs = [one('completed'), one('completed', {}, 'northgate')];
    expect(speak(known('downloading'), jobs, names).said).toBe('Meridian Press: Export complete!');
  });

  it('says once that a file did not arrive, whatever the server makes of it', () => {
    const download = { phase: 'broken', held: 'disk', problem: '', chosen: null, offers: [] } as const;
    const broken = (status: JobStatus) => [
      { ...one(status, { mode: 'sync' }), download: { tenant: 'meridian', jobId: '01meridian', ...download } },
    ];
    const { said, phases } = speak(known('downloading'), broken('downloading'), names);
    expect(said).toBe('Export failed. Please try again. Check your internet connection and retry.');
    expect(speak(phases, broken('cancelled'), names).said).toBe('');
  });

  it('says nothing twice', () => {
    const { phases } = speak(known('downloading'), [one('completed')], names);
    expect(speak(phases, [one('completed')], names).said).toBe('');
  });
});
