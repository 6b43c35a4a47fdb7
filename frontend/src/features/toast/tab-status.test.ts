import { describe, expect, it } from 'vitest';
import { jobOf } from '@/shared/testing/jobs';
import { tabIcon } from './tab-icon';
import { tabStatusOf } from './tab-status';

const at = (jobId: string, percent: number) =>
  jobOf(jobId, { status: 'downloading', progress: { ...jobOf(jobId, {}).progress, percent } });
const of = (...jobs: ReturnType<typeof jobOf>[]) => jobs.map((job) => ({ tenant: 'meridian', job }));

describe('tabStatusOf', () => {
  it('is nothing without an export, and for one that ended before', () => {
    expect(tabStatusOf([], null)).toBeNull();
    expect(tabStatusOf(of(jobOf('01A', { status: 'completed' })), null)).toBeNull();
  });

  it.each([
    ['Queued', jobOf('01A', { status: 'queued', queuePosition: 2 }), null],
    ['Preparing', jobOf('01A', { status: 'preparing' }), null],
    ['41%', at('01A', 41), 41],
    ['0%', at('01A', 0), 0],
  ])('is "%s" while it lives', (words, job, percent) => {
    expect(tabStatusOf(of(job), null)).toEqual({ words, kind: 'running', percent });
  });

  it('is about the newest live export', () => {
    expect(tabStatusOf(of(jobOf('01C', { status: 'failed' }), at('01B', 7), at('01A', 80)), '01C')?.words).toBe('7%');
  });

  it.each([
    ['Export complete!', 'done', jobOf('01A', { status: 'completed' })],
    ['Export failed. Please try again.', 'fail', jobOf('01A', { status: 'failed' })],
    ['State events export failed.', 'warn', jobOf('01A', { status: 'completed_with_errors' })],
    ['Export cancelled', 'idle', jobOf('01A', { status: 'cancelled' })],
  ])('is "%s" after an end that nobody saw', (words, kind, job) => {
    expect(tabStatusOf(of(job), '01A')).toEqual({ words, kind, percent: null });
  });
});

describe('tabIcon', () => {
  const drawn = (percent: number | null) => decodeURIComponent(tabIcon({ kind: 'running', percent }));

  it('is a picture in the address, without scripts or addresses of others', () => {
    const icon = tabIcon({ kind: 'done', percent: null });
    expect(icon).toMatch(/^data:image\/svg\+xml,%3Csvg/);
    expect(decodeURIComponent(icon).replace('http://www.w3.org/2000/svg', '')).not.toMatch(/script|https?:/);
  });

  it.each([
    [null, '0'],
    [0, '0'],
    [50, '11.5'],
    [100, '23'],
    [130, '23'],
  ])('has a bar that is as long as the progress: %s', (percent, width) => {
    expect(drawn(percent)).toContain(`<rect class="live" x="9" y="11" width="${width}"`);
  });

  it('differs by its shape, not only by its color', () => {
    const shapes = (['done', 'fail', 'idle'] as const).map((kind) =>
      tabIcon({ kind, percent: null }).split('linejoin').at(-1),
    );
    expect(new Set(shapes).size).toBe(3);
  });
});
