import { describe, expect, it } from 'vitest';
import type { Definition, Rule } from '@/api/client';
import { contentsText, eventsText, fileText, type Piece, usersText } from './definition-text';

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
      'a day next to the filter',
      { include, users: { userStoreId: 'all', since: '2026-11-22T00:00:00.000Z' } },
      '*Words* (UTC, each day whole)',
    ],
  ])('says UTC only where there are dates: %s', (_, definition, words) => {
    expect(said(usersText('Words', definition))).toBe(words);
  });

  it('names what is included, and which app IDs', () => {
    const profiles = { appIds: ['crm', 'news'], onlyMatching: true };
    expect(
      said(
        contentsText({ include: { attributes: true, foreignKeys: true, grants: true, extendedProfiles: profiles } }),
      ),
    ).toBe(
      '*Attributes*, *Extended Profiles* of crm, news, only users who have one, *Foreign Keys*, *Grants* (one row per subscription)',
    );
    expect(
      said(contentsText({ include: { ...include, extendedProfiles: { appIds: ['all'], onlyMatching: false } } })),
    ).toBe('*Extended Profiles* of all app IDs');
  });

  it('says how the file is written', () => {
    expect(said(fileText({ include }))).toBe('*RFC 4180*: UTF-8, every value as it is');
    expect(said(fileText({ include, file: { dialect: 'spreadsheet', compression: 'none' } }))).toMatch(
      /^\*Spreadsheet\*.*harmless$/,
    );
    expect(said(fileText({ include, file: { dialect: 'rfc4180', compression: 'zstd' } }))).toBe(
      '*RFC 4180*: UTF-8, every value as it is; compressed with *zstd*',
    );
  });

  it.each([
    [undefined, undefined],
    [{ from: null, to: null }, '*All of them*, in a second file'],
    [{ from: '2026-01-01T00:00:00.000Z' }, 'from *1 Jan 2026, 00:00:00 UTC*, in a second file'],
    [{ from: '2026-01-01', to: '2026-02-01' }, 'from *1 Jan 2026 UTC* to *1 Feb 2026 UTC*, in a second file'],
  ])('says the span of state events %o', (stateEvents, words) => {
    expect(said(eventsText({ include, ...(stateEvents && { stateEvents }) }))).toBe(words);
  });
});
