import { describe, expect, it } from 'vitest';
import { ApiError, type Rule } from '@/shared/api/client';
import { actionOf, keptUntil, linesOf } from './figures';
import { definitionOf, type ExportForm, formOf, hasGroup, mustMatch } from './form';
import { placed } from './problems';
import { previewOf } from './testing';

const none = { attributes: false, extendedProfiles: false, foreignKeys: false, grants: false };
const form = (over: Partial<ExportForm> = {}): ExportForm => ({
  ...formOf({ store: 'uk', filter: null, search: '' }),
  ...over,
});

describe('definitionOf', () => {
  const filter: Rule = { field: 'attributes.country', operator: 'is', value: 'GB' };
  const profiles = { ...none, attributes: true, extendedProfiles: true };
  it.each<[string, Partial<ExportForm>, object]>([
    ['the store', {}, { users: { userStoreId: 'uk' } }],
    ['the filter', { filter }, { users: { userStoreId: 'uk', filter } }],
    ['the search', { filter, search: ' hart ' }, { users: { userStoreId: 'uk', filter, search: 'hart' } }],
    ['a spreadsheet first', {}, { file: { dialect: 'spreadsheet' } }],
    [
      'who they are and what they bought first',
      {},
      { include: { attributes: true, foreignKeys: false, grants: true } },
    ],
    ['all apps', { include: profiles }, { include: { extendedProfiles: { appIds: ['all'], onlyMatching: false } } }],
    [
      'chosen apps',
      { include: profiles, appIds: ['quiz1'], onlyMatching: true },
      { include: { extendedProfiles: { appIds: ['quiz1'], onlyMatching: true } } },
    ],
    [
      'that profiles alone are of users who have one',
      { include: { ...none, extendedProfiles: true } },
      { include: { extendedProfiles: { onlyMatching: true } } },
    ],
  ])('sends %s', (_, over, expected) => {
    expect(definitionOf(form(over))).toMatchObject(expected);
  });

  it('leaves out what is not asked for', () => {
    expect(definitionOf(form())?.include).not.toHaveProperty('extendedProfiles');
    expect(definitionOf(form())?.users).not.toHaveProperty('filter');
    expect(definitionOf(form({ search: ' ' }))?.users).not.toHaveProperty('search');
  });

  it.each([
    ['store', { store: null }],
    ['group', { include: none }],
  ])('is none without a %s', (_, over) => {
    expect(definitionOf(form(over))).toBeNull();
  });
});

it('knows a group, and profiles without attributes', () => {
  expect([hasGroup({ include: none }), hasGroup(form())]).toEqual([false, true]);
  const include = { ...none, extendedProfiles: true };
  expect([mustMatch({ include }), mustMatch({ include: { ...include, attributes: true } })]).toEqual([true, false]);
});

describe('placed', () => {
  const refusal = (field?: string) => new ApiError(400, 'invalid_request', 'No.', { ...(field && { field }) });
  it.each([
    ['users.userStoreId', 'store'],
    ['users.filter.rules[0].operator', 'users'],
    ['users', 'users'],
    ['users.search', 'users'],
    ['include', 'include'],
    ['include.extendedProfiles.appIds[0]', 'profiles'],
    ['file.dialect', 'file'],
    ['usersomething', 'foot'],
    [undefined, 'foot'],
  ])('puts %s at %s', (field, place) => {
    expect(placed(refusal(field))).toMatchObject({ place, message: 'No.' });
  });

  it('keeps the job that stands in the way, and hides what is no answer', () => {
    const error = new ApiError(409, 'export_in_progress', 'Running.', { jobId: '01A', requestId: 'r' });
    expect(placed(error)).toEqual({ place: 'foot', message: 'Running.', jobId: '01A', requestId: 'r' });
    expect(placed(new TypeError('x is undefined'))?.message).toBe('Something broke in this page.');
    expect(placed(null)).toBeNull();
  });
});

describe('linesOf', () => {
  const values = (...args: Parameters<typeof linesOf>) => linesOf(...args).map(({ value }) => value);

  it('says "about" where a sample judged', () => {
    expect(values(previewOf(), form())).toEqual(['31,206', 'about 40,800', '10', 'about 31.4 MB']);
  });

  it('knows the rows exactly where there is one for each user, or none', () => {
    const include = { ...none, attributes: true };
    expect(values(previewOf(), form({ include }))[1]).toBe('31,206');
    expect(values(previewOf({ users: 0 }), form())[1]).toBe('0');
  });
});

it.each([
  [undefined, 'Export users'],
  [0, 'Export the header only'],
  [1, 'Export 1 user'],
  [31_206, 'Export 31,206 users'],
])('names the action for %s users', (users, words) => {
  expect(actionOf(users)).toBe(words);
});

it('says until when a file is kept', () => {
  const now = Date.parse('2026-11-23T12:00:00.000Z');
  expect(keptUntil(604_800, now).toISOString()).toBe('2026-11-30T12:00:00.000Z');
});
