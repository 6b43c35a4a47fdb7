import { describe, expect, it } from 'vitest';
import type { Job } from '@/api/client';
import { jobOf } from '@/shared/testing/jobs';
import { timeline } from './timeline';

const event = (kind: string, time = '2026-11-23T08:31:02.000Z') => ({ kind, message: `${kind}.`, time });
const names = (over: Partial<Job>) =>
  timeline(jobOf('A', over)).map(({ name, look }) => (look === 'next' ? `(${name})` : name));

describe('timeline', () => {
  const cases: [string, Partial<Job>, string[]][] = [
    [
      'a queued job',
      { history: [event('queued')] },
      ['Queued', '(Prepared)', '(Written)', '(Verified)', '(Completed)'],
    ],
    [
      'a job that reads',
      { status: 'downloading', history: [event('queued'), event('prepared')] },
      ['Queued', 'Prepared', '(Written)', '(Verified)', '(Completed)'],
    ],
    [
      'a job that proves its file',
      { status: 'downloading', history: ['queued', 'prepared', 'written'].map((kind) => event(kind)) },
      ['Queued', 'Prepared', 'Written', '(Verified)', '(Completed)'],
    ],
    [
      'an attempt that has just begun',
      { status: 'preparing', history: ['queued', 'prepared', 'interrupted', 'attempt'].map((kind) => event(kind)) },
      ['Queued', 'Prepared', 'Interrupted', 'Another attempt', '(Written)', '(Verified)', '(Completed)'],
    ],
    [
      'an attempt that goes on',
      { status: 'downloading', history: ['queued', 'prepared', 'attempt', 'resumed'].map((kind) => event(kind)) },
      ['Queued', 'Prepared', 'Resumed', '(Written)', '(Verified)', '(Completed)'],
    ],
    [
      'an attempt with nothing left but the proof',
      { status: 'downloading', history: ['queued', 'prepared', 'written', 'attempt'].map((kind) => event(kind)) },
      ['Queued', 'Prepared', 'Written', 'Another attempt', '(Verified)', '(Completed)'],
    ],
    [
      'an attempt that starts over',
      {
        status: 'preparing',
        history: ['queued', 'prepared', 'written', 'attempt', 'restarted'].map((kind) => event(kind)),
      },
      ['Queued', 'Prepared', 'Written', 'Started over', '(Prepared)', '(Written)', '(Verified)', '(Completed)'],
    ],
    [
      'an attempt that found nothing stored',
      { status: 'downloading', history: ['queued', 'attempt', 'prepared'].map((kind) => event(kind)) },
      ['Queued', 'Another attempt', 'Prepared', '(Written)', '(Verified)', '(Completed)'],
    ],
    [
      'a cursor that was lost, twice',
      { status: 'downloading', history: ['queued', 'prepared', 'resumed', 'resumed'].map((kind) => event(kind)) },
      ['Queued', 'Prepared', 'Resumed', 'Resumed', '(Written)', '(Verified)', '(Completed)'],
    ],
    [
      'a finished job',
      { status: 'completed', expiresAt: '2026-11-30T08:31:42.000Z', history: [event('completed')] },
      ['Completed', '(Files are deleted)'],
    ],
    [
      'an expired job',
      { status: 'expired', expiresAt: '2026-11-30T08:31:42.000Z', history: [event('expired')] },
      ['Files deleted'],
    ],
    ['a failed job', { status: 'failed', history: [event('failed')] }, ['Failed']],
    ['an event that is not known', { status: 'failed', history: [event('mail_bounced')] }, ['Mail bounced']],
  ];
  it.each(cases)('of %s', (_, over, steps) => expect(names(over)).toEqual(steps));

  it('tells a beginning and where it went on in one amber line', () => {
    const history = [
      { kind: 'attempt', message: 'Attempt 2 began.', time: '2026-11-23T08:31:15.000Z' },
      {
        kind: 'resumed',
        message: 'Resumed after 19,220 rows. No row is duplicated.',
        time: '2026-11-23T08:31:16.000Z',
      },
    ];
    expect(timeline(jobOf('A', { status: 'failed', history }))).toEqual([
      {
        name: 'Resumed',
        look: 'warn',
        message: 'Attempt 2 began. Resumed after 19,220 rows. No row is duplicated.',
        time: '2026-11-23T08:31:16.000Z',
        shown: '08:31:16',
      },
    ]);
  });

  it('folds downloads and attempts that repeat', () => {
    const at = (time: string) => `2026-11-23T${time}.000Z`;
    const lost = (time: string) => ({
      kind: 'interrupted',
      message: 'The file storage did not answer.',
      time: at(time),
    });
    const attempt = (time: string) => ({ kind: 'attempt', message: 'Attempt began.', time: at(time) });
    const history = [
      { kind: 'prepared', message: '', time: at('08:31:02') },
      ...['08:31:05', '08:31:09', '08:31:30'].flatMap((time) => [lost(time), attempt(time)]),
      { kind: 'completed', message: '', time: at('08:32:00') },
      {
        kind: 'downloaded',
        message: 'By ada@example.com.',
        time: at('09:00:00'),
        count: 3,
        last: '2026-11-24T10:00:00.000Z',
      },
      { kind: 'downloaded', message: 'By bea@example.com.', time: at('09:01:00') },
    ];
    const steps = timeline(jobOf('A', { status: 'expired', history }));
    expect(steps.map(({ name, message, shown }) => [name, message, shown])).toEqual([
      ['Prepared', '', '08:31:02'],
      ['Interrupted', 'Tried 3 times, 08:31:05–08:31:30. The file storage did not answer.', '08:31:30'],
      ['Another attempt', 'Attempt began.', '08:31:30'],
      ['Completed', '', '08:32:00'],
      ['Downloaded', 'By ada@example.com. 3 times, last at 24 Nov, 10:00:00.', '09:00:00'],
      ['Downloaded', 'By bea@example.com.', '09:01:00'],
    ]);
  });

  it('leaves two interruptions as they are', () => {
    const history = ['interrupted', 'attempt', 'interrupted', 'attempt'].map((kind) => event(kind));
    expect(names({ status: 'failed', history })).toEqual([
      'Interrupted',
      'Another attempt',
      'Interrupted',
      'Another attempt',
    ]);
  });

  it('shows UTC, and the day where it is another', () => {
    const history = [event('queued', '2026-11-23T23:59:58.000Z'), event('prepared', '2026-11-24T00:00:05.000Z')];
    const expiresAt = '2026-12-01T00:00:10.000Z';
    const steps = timeline(jobOf('A', { status: 'completed', history, expiresAt }));
    expect(steps.map(({ shown }) => shown)).toEqual(['23:59:58', '24 Nov, 00:00:05', '1 Dec']);
  });
});
