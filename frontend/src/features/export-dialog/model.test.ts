import { describe, expect, it } from 'vitest';
import { ApiError, type Rule } from '@/api/client';
import { eventFault, noEvents } from './events';
import { actionOf, keptUntil, linesOf } from './figures';
import { choicesOf, definitionOf, type ExportForm, formOf, hasGroup, mustMatch } from './form';
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
    ['stateEvents.to', 'events'],
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

  it('says "about" or "few" until the users are counted', () => {
    const include = { ...none, attributes: true };
    const estimate = previewOf({ users: 31_000, accuracy: 'estimate' });
    expect(values(estimate, form())).toEqual(['about 31,000', 'about 40,800', '10', 'about 31.4 MB']);
    expect(values(estimate, form({ include }))[1]).toBe('about 31,000');
    expect(values({ ...estimate, sampledUsers: 0 }, form())).toEqual(['about 31,000', null, '10', null]);
    const bound = previewOf({ users: 1_500, accuracy: 'upper_bound' });
    expect(values(bound, form())).toEqual(['few', null, '10', null]);
    expect(values(bound, form({ include }))[1]).toBe('few');
  });

  it('knows the rows exactly where there is one for each user, or none', () => {
    const include = { ...none, attributes: true };
    expect(values(previewOf(), form({ include }))[1]).toBe('31,206');
    expect(values(previewOf({ users: 0 }), form())[1]).toBe('0');
  });
});

it.each<[users: number | undefined, file: string, both: string, events: string]>([
  [undefined, 'Export users', 'Export users and state events', 'Export state events'],
  [0, 'Export the header only', 'Export the headers only', 'Export the header only'],
  [1, 'Export 1 user', 'Export 1 user and state events', 'Export state events of 1 user'],
  [31_206, 'Export 31,206 users', 'Export 31,206 users and state events', 'Export state events of 31,206 users'],
])('names the action for %s users', (users, ...words) => {
  const events = { ...noEvents, chosen: true };
  const forms = [form(), form({ events }), form({ events, include: none })];
  const exact = users === undefined ? undefined : ({ users, accuracy: 'exact' } as const);
  expect(forms.map((one) => actionOf(exact, one))).toEqual(words);
});

it('names the action for an estimate, and no bound', () => {
  expect(actionOf({ users: 31_000, accuracy: 'estimate' }, form())).toBe('Export about 31,000 users');
  expect(actionOf({ users: 1_500, accuracy: 'upper_bound' }, form())).toBe('Export users');
});

describe('state events', () => {
  const range = (from: string, to: string, include = none) =>
    definitionOf(form({ events: { chosen: true, from, to }, include }))?.stateEvents;

  it.each([
    ['', '', null, null],
    ['2026-01-01', '2026-01-31', '2026-01-01T00:00:00.000Z', '2026-01-31T23:59:59.999Z'],
    [' 2026-01-01 ', ' ', '2026-01-01T00:00:00.000Z', null],
    ['2026-01-01T08:30', '2026-01-01T08:30', '2026-01-01T08:30:00.000Z', '2026-01-01T08:30:59.999Z'],
    ['', '2026-01-01 08:30:05', null, '2026-01-01T08:30:05.999Z'],
    [
      '2026-01-01T08:30:00.5+01:00',
      '2026-01-01T09:30:00.5+01:00',
      '2026-01-01T07:30:00.500Z',
      '2026-01-01T08:30:00.500Z',
    ],
  ])('from %j to %j are sent as whole days and minutes, to the millisecond', (from, to, first, last) => {
    expect(range(from, to)).toEqual({ from: first, to: last });
  });

  it.each([
    ['31/01/2026', '', 'from'],
    ['', '2026-02-30', 'to'],
    ['2026-02-01', '2026-01-31', 'to'],
    ['2026-01-31T08:31', '2026-01-31T08:30', 'to'],
  ])('from %j to %j are no range', (from, to, at) => {
    expect(eventFault({ chosen: true, from, to })).toMatchObject({ at });
    expect(eventFault({ chosen: false, from, to })).toBeNull();
    expect(range(from, to)).toBeUndefined();
  });

  it('are off by default, and can be exported alone or with a users file', () => {
    expect(definitionOf(form())).not.toHaveProperty('stateEvents');
    expect(definitionOf(form({ events: { chosen: true, from: '', to: '' }, include: none }))).toMatchObject({
      include: { attributes: false, foreignKeys: false, grants: false },
      stateEvents: { from: null, to: null },
    });
    expect(range('', '', { ...none, grants: true })).toEqual({ from: null, to: null });
    expect(definitionOf(form({ include: none }))).toBeNull();
  });

  it('alone have no row count before the export', () => {
    const alone = form({ include: none, events: { ...noEvents, chosen: true } });
    expect(linesOf(previewOf(), alone)).toEqual([{ name: 'Users', aside: 'whose events', value: '31,206' }]);
  });
});

it('says until when a file is kept', () => {
  const now = Date.parse('2026-11-23T12:00:00.000Z');
  expect(keptUntil(604_800, now).toISOString()).toBe('2026-11-30T12:00:00.000Z');
});

describe('choices', () => {
  const shown = { store: 'uk', filter: null, search: 'hart' };

  it.each([
    {},
    { appIds: ['crm'], onlyMatching: true },
    { dialect: 'rfc4180', compression: 'zstd' },
    { events: { chosen: true, from: '', to: '' } },
  ] satisfies Partial<ExportForm>[])('are the same when the dialog opens again: %j', (change) => {
    const form = { ...formOf(shown), ...change, include: { ...formOf(shown).include, extendedProfiles: true } };
    const definition = definitionOf(form);
    if (!definition) throw new Error('incomplete');
    const again = formOf({ store: 'us', filter: null, search: '' }, choicesOf(definition));
    expect(again).toEqual({ ...form, store: 'us', search: '' });
  });

  it('forget the users and the range of events', () => {
    const form = { ...formOf(shown), events: { chosen: true, from: '2026-01-01', to: '2026-02-01' } };
    const definition = definitionOf(form);
    if (!definition) throw new Error('incomplete');
    expect(JSON.stringify(choicesOf(definition))).not.toMatch(/hart|uk|2026/);
  });
});
