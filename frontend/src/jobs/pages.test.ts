import { describe, expect, it } from 'vitest';
import { jobOf } from '@/shared/testing/jobs';
import { applyToPages, type JobPages, withNewest } from './pages';

const list: JobPages = {
  pages: [
    { results: [jobOf('01F', { version: 5 }), jobOf('01D', { version: 5 })], next: 'b' },
    { results: [jobOf('01B', { version: 5 })], next: null },
  ],
  pageParams: ['', 'b'],
};
const ids = ({ pages }: JobPages) => pages.map(({ results }) => results.map(({ jobId }) => jobId).join(' '));
const event = (id: string, version: number) => ({ type: 'job', job: jobOf(id, { version }) }) as const;

describe('applyToPages', () => {
  it('replaces a job in its place, on whatever page it is', () => {
    const after = applyToPages(list, event('01B', 6));
    expect(ids(after)).toEqual(['01F 01D', '01B']);
    expect(after.pages[1]?.results[0]?.version).toBe(6);
    expect(after.pages[0]).toBe(list.pages[0]);
  });

  it('drops what is older, and returns the same list', () => {
    expect(applyToPages(list, event('01D', 4))).toBe(list);
  });

  it('puts a new job first', () => {
    expect(ids(applyToPages(list, event('01G', 1)))).toEqual(['01G 01F 01D', '01B']);
  });

  it('puts a job that was missed where its time of creation belongs', () => {
    expect(ids(applyToPages(list, event('01E', 1)))).toEqual(['01F 01E 01D', '01B']);
  });

  it('leaves alone what belongs to a page that was not read', () => {
    expect(applyToPages(list, event('01A', 1))).toBe(list);
  });

  it('takes a whole snapshot', () => {
    const jobs = [jobOf('01H', {}), jobOf('01G', {})];
    expect(ids(applyToPages(list, { type: 'snapshot', jobs }))).toEqual(['01H 01G 01F 01D', '01B']);
  });
});

describe('withNewest', () => {
  const [first = { results: [], next: null }] = list.pages;
  const known = [jobOf('01G', {}), jobOf('01F', { version: 6 }), jobOf('01D', { version: 4 }), jobOf('01A', {})];

  it('adds what is newer than the page, and newer states of what it has', () => {
    const { results, next } = withNewest(first, known);
    expect(results.map(({ jobId, version }) => `${jobId} ${version}`)).toEqual(['01G 0', '01F 6', '01D 5']);
    expect(next).toBe('b');
  });

  it('begins a list that was empty', () => {
    const { results } = withNewest({ results: [], next: null }, [jobOf('01C', {}), jobOf('01B', {})]);
    expect(results.map(({ jobId }) => jobId)).toEqual(['01C', '01B']);
  });
});
