import { describe, expect, it } from 'vitest';
import type { Job } from '@/api/client';
import { jobOf } from '@/shared/testing/jobs';
import { contentsText, statusText } from './status';

describe('standing', () => {
  const half = jobOf('01A', {}).progress;
  const moving = { ...half, users: { ...half.users, bytes: 12_449_999, bytesTotal: 48_100_000 } };
  const all = (bytes: number) => ({ ...half.users, bytes, bytesTotal: bytes, bytesTotalExact: true });
  const cases: [Partial<Job>, string][] = [
    [{ status: 'queued', queuePosition: 2 }, 'Position 2 in the queue'],
    [{ status: 'queued', queuePosition: null }, 'Waiting'],
    [{ status: 'preparing' }, 'Preparing user export...'],
    [{ status: 'downloading', progress: moving }, 'Downloading: 12.4MB / 48.1MB'],
    [
      { status: 'downloading', progress: { ...half, users: { ...half.users, bytes: 0, bytesTotal: 28_208 } } },
      'Downloading: 0.0MB / 0.1MB',
    ],
    [{ status: 'downloading', progress: { ...half, percent: 100, users: all(28_208) } }, 'Downloading: 0.1MB / 0.1MB'],
    [
      { status: 'downloading', progress: { ...half, percent: 99, users: all(28_920_000) } },
      'Downloading: 28.9MB / 29.0MB',
    ],
    [{ status: 'downloading_state_events' }, 'Downloading state events...'],
    [
      { status: 'failed', error: { code: 'storage_unavailable', message: 'Storage did not answer.' } },
      'Storage did not answer.',
    ],
  ];
  it.each(cases)('of %o is %s', (over, words) => {
    expect(statusText(jobOf('01A', over))).toBe(words);
  });
});

describe('included', () => {
  it('names every part, and how the file is written', () => {
    const definition: Job['definition'] = {
      include: {
        attributes: true,
        extendedProfiles: { appIds: ['all'], onlyMatching: false },
        foreignKeys: true,
        grants: true,
      },
      stateEvents: { from: null, to: null },
      file: { dialect: 'spreadsheet', compression: 'none' },
    };
    expect(contentsText(jobOf('01A', { definition }))).toBe(
      'Attributes, Extended Profiles, Foreign Keys, Grants, State events · Spreadsheet',
    );
  });

  it('names the compression where there is one', () => {
    const include = { attributes: true, foreignKeys: false, grants: false };
    const named = (file: NonNullable<Job['definition']['file']>) =>
      contentsText(jobOf('A', { definition: { include, file } }));
    expect(named({ dialect: 'spreadsheet', compression: 'gzip' })).toBe('Attributes · Spreadsheet, gzip');
    expect(named({ dialect: 'rfc4180', compression: 'none' })).toBe('Attributes · RFC 4180');
  });
});
