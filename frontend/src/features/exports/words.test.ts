import { describe, expect, it } from 'vitest';
import type { Definition, Job, Rule } from '@/shared/api/client';
import { jobOf } from '@/shared/testing/jobs';
import { eventsAsked, fileAsked, includeAsked, type Piece, usersAsked } from './asked';
import { failureOf } from './failure';
import { notesOf } from './notes';
import { shown, showOf } from './show';
import { clipped, verifyCommand } from './verify';

const said = (pieces: Piece[] | null) => pieces?.map(({ text, strong }) => (strong ? `*${text}*` : text)).join('');
const include = { attributes: false, foreignKeys: false, grants: false };

describe('what was asked for', () => {
  const users = (filter: Rule): Definition => ({
    include,
    users: { userStoreId: 'all', filter },
  });
  it.each<[string, Definition, string]>([
    ['no dates', users({ field: 'attributes.country', operator: 'is', value: 'GB' }), '*Words*'],
    [
      'a date in a group',
      users({ combinator: 'and', rules: [{ field: 'last_login', operator: 'between', to: '2026-08-31' }] }),
      '*Words* (UTC, each day whole)',
    ],
    [
      'a day beside the filter',
      { include, users: { userStoreId: 'all', since: '2026-11-22T00:00:00.000Z' } },
      '*Words* (UTC, each day whole)',
    ],
  ])('says UTC only where there are dates: %s', (_, definition, words) => {
    expect(said(usersAsked('Words', definition))).toBe(words);
  });

  it('names what is included, and which app ids', () => {
    const profiles = { appIds: ['crm', 'news'], onlyMatching: true };
    expect(
      said(
        includeAsked({ include: { attributes: true, foreignKeys: true, grants: true, extendedProfiles: profiles } }),
      ),
    ).toBe(
      '*Attributes*, *Extended Profiles* of crm, news, only users who have one, *Foreign Keys*, *Grants* (one row per subscription)',
    );
    expect(
      said(includeAsked({ include: { ...include, extendedProfiles: { appIds: ['all'], onlyMatching: false } } })),
    ).toBe('*Extended Profiles* of all app ids');
  });

  it('says how the file is written', () => {
    expect(said(fileAsked({ include }))).toBe('*RFC 4180*: UTF-8, every value as it is');
    expect(said(fileAsked({ include, file: { dialect: 'spreadsheet', compression: 'none' } }))).toMatch(
      /^\*Spreadsheet\*.*harmless$/,
    );
    expect(said(fileAsked({ include, file: { dialect: 'rfc4180', compression: 'zstd' } }))).toBe(
      '*RFC 4180*: UTF-8, every value as it is; compressed with *zstd*',
    );
  });

  it.each([
    [undefined, undefined],
    [{ from: null, to: null }, '*All of them*, in a second file'],
    [{ from: '2026-01-01T00:00:00.000Z' }, 'from *1 Jan 2026, 00:00:00 UTC*, in a second file'],
    [{ from: '2026-01-01', to: '2026-02-01' }, 'from *1 Jan 2026 UTC* to *1 Feb 2026 UTC*, in a second file'],
  ])('says the span of state events %o', (stateEvents, words) => {
    expect(said(eventsAsked({ include, ...(stateEvents && { stateEvents }) }))).toBe(words);
  });
});

describe('notesOf', () => {
  const warning = (code: string, message: string, field?: string) => ({ code, message, ...(field && { field }) });
  it('puts warnings before facts, and leads with what matters', () => {
    const warnings = [
      warning('users_changed', '12 users changed during the run. Each is in the file once.'),
      warning('no_column', 'extended_profiles.x has no column: 3 values are not in the file.', 'extended_profiles.x'),
    ];
    expect(notesOf(jobOf('A', { status: 'completed', warnings }))).toEqual([
      {
        kind: 'warning',
        lead: 'extended_profiles.x has no column:',
        rest: '3 values are not in the file. Run again to include it.',
      },
      { kind: 'fact', lead: '12 users changed during the run.', rest: 'Each is in the file once.' },
    ]);
  });
  it.each<[Partial<Job>, string]>([
    [{ status: 'completed_with_errors' }, 'State events export failed.'],
    [{ status: 'expired', expiresAt: '2026-11-21T10:00:00Z' }, 'The files were deleted.'],
    [{ status: 'completed', mode: 'sync' }, 'Saved by the browser that ran it.'],
  ])('of %o is %s', (over, lead) => expect(notesOf(jobOf('A', over))[0]?.lead).toBe(lead));
});

describe('failureOf', () => {
  it.each([
    ['storage_unavailable', /^Run it again in a few minutes/],
    ['file_too_large', /^Narrow the filter/],
    ['internal', /^Run it again\./],
  ] as const)('says what to do about %s', (code, next) => {
    const words = failureOf({ error: { code, message: 'It broke.' } });
    expect(words.reason).toBe('It broke.');
    expect(words.next).toMatch(next);
  });
});

describe('shown', () => {
  const jobs = [
    jobOf('E', { status: 'downloading' }),
    jobOf('D', { status: 'failed', outcome: 'failed' }),
    jobOf('C', { status: 'expired', outcome: 'completed' }),
    jobOf('B', { status: 'completed', outcome: 'completed' }),
    jobOf('A', { status: 'cancelled', outcome: 'cancelled' }),
  ];
  it.each([
    [undefined, 'EDCBA'],
    ['nonsense', 'EDCBA'],
    ['live', 'E'],
    ['completed', 'CB'],
    ['failed', 'D'],
  ])('for status %s is %s', (status, ids) => {
    expect(
      shown(jobs, showOf(status))
        .map(({ jobId }) => jobId)
        .join(''),
    ).toBe(ids);
  });
});

it('makes a command that a shell takes as it is', () => {
  expect(verifyCommand('users_a.csv', 'ab12')).toBe("echo 'ab12  users_a.csv' | sha256sum --check");
  expect(verifyCommand("o'hara.csv", 'ab')).toBe("echo 'ab  o'\\''hara.csv' | sha256sum --check");
  expect(clipped('9f2c1be07a54d3861fe0b6c85d7742a91c03ee58b7d6f4409ab81d25c6730fe4')).toBe('9f2c1be0…6730fe4');
});
