import { describe, expect, it } from 'vitest';
import type { Job, JobFile } from '@/api/client';
import type { Download } from '@/downloads/store';
import { fileOf, jobOf } from '@/shared/testing/jobs';
import { detailsOf, lossText } from './details';
import { subjectOf, type TabJob, toastOf } from './toast';

function progress(over: Partial<Job['progress']['users']>, percent = 26): Job['progress'] {
  const { progress: blank } = jobOf('01A', {});
  return { ...blank, percent, users: { ...blank.users, ...over } };
}

function downloadOf(over: Partial<Download> = {}): Download {
  const blank = { phase: 'streaming', held: 'disk', problem: '', chosen: null, offers: [] } as const;
  return { tenant: 'meridian', jobId: '01A', ...blank, ...over };
}

function file(kind: JobFile['kind'], bytes: number, rows = 61_904): JobFile {
  return fileOf({ kind, bytes, rows });
}

describe('toastOf', () => {
  const half = progress({ bytes: 12_400_000, bytesTotal: 48_100_000 });
  const patience = 'Large exports may take several minutes';
  it.each<[string, Partial<Job>, string, number | null, string]>([
    [
      'its place in the queue',
      { status: 'queued', queuePosition: 2 },
      'Preparing user export...',
      0,
      'Position 2 in the queue',
    ],
    ['no place that is unknown', { status: 'queued' }, 'Preparing user export...', null, patience],
    ['a bar without value', { status: 'preparing' }, 'Preparing user export...', null, patience],
    ['how far it is', { status: 'downloading', progress: half }, 'Downloading: 12.4MB / 48.1MB', 26, patience],
    [
      'that another tab receives it',
      { status: 'downloading', progress: half, mode: 'sync' },
      'Downloading: 12.4MB / 48.1MB',
      26,
      `${patience}. It runs in another tab; closing that tab will cancel the process.`,
    ],
    [
      'that the first file is finished',
      { status: 'downloading_state_events', progress: progress({ bytes: 48_100_000 }, 88) },
      'Downloading state events...',
      88,
      'The users file is finished: 48.1MB',
    ],
  ])('says %s', (_, over, title, percent, note) => {
    expect(toastOf({ tenant: 'meridian', job: jobOf('01A', over) })).toMatchObject({
      kind: 'running',
      title,
      percent,
      note,
    });
  });

  const keep = 'Keep the browser tab open until the export finishes; closing it will cancel the process.';
  it.each<[string, Partial<TabJob>, string]>([
    ['to keep the tab open that receives it', { download: downloadOf() }, `${patience}. ${keep}`],
    ['the same while the tab starts it', { starting: true }, `${patience}. ${keep}`],
    [
      'that the file is held in memory',
      { download: downloadOf({ held: 'memory' }) },
      `${patience}. ${keep} This browser holds the file in memory: 500 MB at most.`,
    ],
  ])('says %s', (_, over, note) => {
    const job = jobOf('01A', { status: 'downloading', mode: 'sync' });
    expect(toastOf({ tenant: 'meridian', job, ...over })).toMatchObject({ kind: 'running', note });
  });

  const offer = (saved: boolean) => ({
    kind: 'state_events' as const,
    name: 'state_events_meridian.csv',
    saved,
    save: () => {},
    drop: () => {},
  });
  it.each<[string, Partial<Job>, Partial<Download>, object]>([
    [
      'where the file is that the admin chose',
      { status: 'completed' },
      { phase: 'saved', chosen: 'march.csv' },
      { kind: 'done', title: 'Export complete!', notes: ['Saved as march.csv'], closesAfter: 8_000, retry: null },
    ],
    [
      'a file that waits to be saved, until it is',
      { status: 'completed' },
      { phase: 'saved', offers: [offer(false)] },
      { notes: ['state_events_meridian.csv is not saved yet.'], closesAfter: null },
    ],
    [
      'a file that was saved, for a while',
      { status: 'completed' },
      { phase: 'saved', offers: [offer(true)] },
      { notes: ['Saved to your Downloads folder'], closesAfter: 8_000 },
    ],
    ...(['downloading', 'cancelled', 'completed'] as const).map(
      (status): [string, Partial<Job>, Partial<Download>, object] => [
        `a failure of the connection, though the job is ${status}`,
        { status, cancelledBy: 'amelia.hart@example.com' },
        { phase: 'broken' },
        {
          kind: 'fail',
          title: 'Export failed. Please try again.',
          notes: ['Check your internet connection and retry.'],
          retry: 'Retry',
          closesAfter: null,
        },
      ],
    ),
    [
      'what stopped this browser, and no word of the connection',
      { status: 'cancelled' },
      { phase: 'broken', problem: 'There is no room left for the file.' },
      { kind: 'fail', notes: ['There is no room left for the file.'], retry: 'Retry' },
    ],
    [
      'the reason of the server, where it has one',
      { status: 'failed', error: { code: 'verification_failed', message: 'What arrived is not what was sent.' } },
      { phase: 'broken' },
      { notes: ['What arrived is not what was sent.', 'Check your internet connection and retry.'] },
    ],
    [
      'that the users file is there when the state events could not be written',
      { status: 'completed_with_errors' },
      { phase: 'broken', problem: 'There is no room left for the file.' },
      {
        kind: 'warn',
        title: 'State events export failed.',
        notes: ['There is no room left for the file.', 'Check your Downloads folder for the user data CSV.'],
      },
    ],
  ])('shows %s', (_, over, download, expected) => {
    const job = jobOf('01A', { mode: 'sync', ...over });
    expect(toastOf({ tenant: 'meridian', job, download: downloadOf(download) })).toMatchObject(expected);
  });

  const users = file('users', 48_100_000);
  const events = file('state_events', 9_600_000);
  const error = { code: 'storage_unavailable', message: 'The storage does not answer.' } as const;
  const connection = 'Check your internet connection and retry.';
  it.each<[string, Partial<Job>, object]>([
    [
      'a file with its download',
      { status: 'completed', files: [users] },
      {
        kind: 'done',
        title: 'Export complete!',
        notes: ['61,904 rows, 48.1MB'],
        downloads: ['users'],
        closesAfter: null,
      },
    ],
    [
      'a small file in kilobytes',
      { status: 'completed', files: [file('users', 1_240, 1)] },
      { notes: ['1 row, 1.2 kB'] },
    ],
    [
      'two files, the users first',
      { status: 'completed', files: [events, users] },
      {
        title: 'All exports complete!',
        notes: ['Users, 48.1MB. State events, 9.6MB.'],
        downloads: ['users', 'state_events'],
      },
    ],
    [
      'a file that the browser has saved, for a while',
      { status: 'completed', mode: 'sync', files: [users] },
      { notes: ['Saved to your Downloads folder'], downloads: [], closesAfter: 8_000 },
    ],
    [
      'what is good of a partly failed job',
      { status: 'completed_with_errors', files: [users], error },
      {
        kind: 'warn',
        title: 'State events export failed.',
        notes: ['The storage does not answer.', 'The users file is good: 61,904 rows, 48.1MB'],
        downloads: ['users'],
      },
    ],
    [
      'where the saved file of a partly failed job is',
      { status: 'completed_with_errors', mode: 'sync', files: [users] },
      { notes: ['Check your Downloads folder for the user data CSV.'], downloads: [] },
    ],
    [
      'why a job failed, and to retry',
      { status: 'failed', error },
      {
        kind: 'fail',
        title: 'Export failed. Please try again.',
        notes: [error.message, 'The cause is on our side, not your connection.', connection],
        retry: 'Retry',
      },
    ],
    [
      'no blame where another definition helps',
      { status: 'failed', error: { code: 'file_too_large', message: 'The file would be too large.' } },
      { notes: ['The file would be too large.', connection] },
    ],
    ['to retry where no reason is known', { status: 'failed' }, { notes: [connection], retry: 'Retry' }],
    [
      'that the files were deleted, and to run it again',
      { status: 'expired', files: [users] },
      { kind: 'idle', title: 'Export expired', downloads: [], retry: 'Run again', closesAfter: null },
    ],
    [
      'two files that the browser has saved',
      { status: 'completed', mode: 'sync', files: [users, events] },
      { title: 'All exports complete!', downloads: [] },
    ],
    [
      'a cancel, for a while',
      { status: 'cancelled' },
      { kind: 'idle', notes: ['No file was kept.'], closesAfter: 8_000 },
    ],
  ])('shows %s', (_, over, expected) => {
    expect(toastOf({ tenant: 'meridian', job: jobOf('01A', over) })).toMatchObject(expected);
  });
});

describe('a job that waits', () => {
  const retry = {
    reason: 'file_unconfirmed',
    message: 'Waiting for the tab.',
    at: null,
    attempt: null,
    of: null,
  } as const;
  const job = jobOf('01A', { status: 'downloading', mode: 'sync', retry });
  it.each<[string, Partial<TabJob>, boolean]>([
    ['for another tab', {}, true],
    ['for this tab, which knows what it does', { download: downloadOf() }, false],
  ])('is one that waits %s', (_, over, waits) => {
    expect(toastOf({ tenant: 'meridian', job, ...over })).toMatchObject({ kind: 'running', waits });
  });
});

describe('subjectOf', () => {
  const job = (words: string) => jobOf('01A', { words, createdAt: '2026-11-23T20:36:28.000Z' });
  it.each([
    ['2026-11-23T21:00:00.000Z', 'Country is GB, 20:36'],
    ['2026-11-24T01:00:00.000Z', 'Country is GB, 23 Nov 2026, 20:36'],
  ])('names the export and its time, at %s', (now, subject) => {
    expect(subjectOf(job('Country is GB'), new Date(now), 'UTC')).toBe(subject);
  });
  it('cuts a long definition', () => {
    expect(subjectOf(job('x'.repeat(500)), new Date('2026-11-23T21:00:00Z'), 'UTC')).toHaveLength(
      160 + '…, 20:36'.length,
    );
  });
});

describe('detailsOf', () => {
  it('gives the figures of a job that runs', () => {
    const running = { ...progress({ rows: 15_964, rowsTotal: 61_900 }), rowsPerSecond: 1773.6, etaSeconds: 26 };
    const startedAt = '2026-11-23T08:31:28.000Z';
    const job = jobOf('01A', { status: 'downloading', startedAt, progress: running });
    expect(detailsOf(job, 'Europe/London').map(({ value }) => value)).toEqual([
      '15,964 of about 61,900',
      '1,774 rows/s',
      'about 26 s',
      '08:31',
    ]);
  });

  it('says what is not known', () => {
    expect(detailsOf(jobOf('01A', {})).map(({ value }) => value)).toEqual([
      'Not counted yet',
      'Not known yet',
      'Not known yet',
      'Not yet',
    ]);
  });
});

it.each([
  [0, 'No file will be kept.'],
  [1, '1 row is written. No file will be kept.'],
  [15_964, '15,964 rows are written. No file will be kept.'],
])('says what a cancel after %i rows gives up', (rows, words) => {
  expect(lossText(jobOf('01A', { progress: progress({ rows }) }))).toBe(words);
});
