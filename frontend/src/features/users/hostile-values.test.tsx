import { Table } from '@mantine/core';
import { cleanup, screen } from '@testing-library/react';
import { afterEach, describe, expect, it, vi } from 'vitest';
import type { Field, User } from '@/api/client';
import { exactPage } from '@/api/exact-page';
import { exactUser } from '@/api/user';
import { renderUi } from '@/shared/testing/render';
import { UserFacts } from './drawer/user-facts';
import { UserRow } from './list/user-row';
import { grantOf, schemaOf, userOf } from './testing';
import { attributesOf } from './user/attributes';
import { chooseColumns } from './user/columns';
import { allColumns } from './user/list-columns';
import { sorted } from './user/subscriptions';

// Values that a database may contain, in the JSON of the API.
const texts: Record<string, string> = {
  'a year of five digits': '+010000-01-01T00:00:00.000Z',
  'a year of five digits without a sign': '10000-01-01T00:00:00.000Z',
  'a year before the first': '-000005-03-01T12:00:00.000Z',
  'the year 0': '0000-01-01T00:00:00.000Z',
  'the first day of .NET': '0001-01-01T00:00:00.000Z',
  'the last instant of BSON': '+292278994-08-17T07:12:55.807Z',
  'the first instant of BSON': '-292275055-05-16T16:47:04.192Z',
  'a day that is none': '2026-02-31T99:00:00.000Z',
  'no date at all': 'soon',
  'a name that every object has': 'constructor',
  'the name of the prototype': '__proto__',
  'a UUID': '6b1f5a0e-3c57-4f2a-9a3e-0f8f1f5d2c11',
  'a lone surrogate': 'a\ud800b',
  'control characters': 'a\u0000b\u001bc\u007f',
  'a change of direction': 'moc.elpmaxe@\u202eadmin',
  markup: '<img src=x onerror=alert(1)>',
  'a long text': 'x'.repeat(2_000_000),
  NaN: 'NaN',
  infinity: '-Infinity',
  nothing: '',
};
const others: Record<string, unknown> = {
  null: null,
  'a list': [1, [2, ['three']], null],
  'an object': { __proto__: null, a: { b: [] } },
  'minus zero': -0,
  'a large number': 1e21,
  'a small number': 5e-324,
  true: true,
};
const types: Field['input-type'][] = [
  'text',
  'number',
  'date',
  'datetime',
  'time',
  'week',
  'month',
  'checkbox',
  'select',
  'tel',
];
const fields = types.map((type): [string, Field['input-type']] => [`f_${type}`, type]);
const schema = schemaOf(['first_name'], ['country', 'select'], ['__proto__'], ['constructor'], ['toString'], ...fields);

// Returns a user with the value in every text member and attribute.
function full(text: string, value: unknown): User {
  const slugs = schema.fields.map(({ slug }) => slug);
  const attributes = Object.fromEntries([...slugs, 'hasOwnProperty', ''].map((slug) => [slug, value]));
  return userOf(text, {
    user_store_id: text,
    identifiers: { email_address: text, username: text },
    registered: text,
    last_login: text,
    updated: text,
    tracking_id: text,
    attributes,
    foreign_keys: Object.fromEntries([[text, text]]),
    extended_profiles: Object.fromEntries([[text, value]]),
    account_ids: [text, text],
    grants: [1, 2].map(() =>
      grantOf(text, { expiry_state: text, product_id: text, account_id: text, startTime: text, endTime: text }),
    ),
  });
}

function show(user: User) {
  const exact = exactUser(JSON.stringify({ user, accounts: [] }));
  const columns = allColumns(schema); // with every attribute
  renderUi(
    <>
      <Table>
        <Table.Tbody>
          <UserRow
            tenant="meridian"
            user={user}
            columns={columns}
            name={chooseColumns(schema).name}
            stores={[]}
            products={[]}
            opened={null}
            onOpen={vi.fn()}
          />
        </Table.Tbody>
      </Table>
      <UserFacts user={exact.user} exact={exact} schema={schema} stores={[]} />
    </>,
  );
}

afterEach(cleanup);

describe('no value of the data breaks a screen', () => {
  it.each(Object.entries(texts))('%s', async (_, text) => {
    const complaint = vi.spyOn(console, 'error').mockImplementation(() => {});
    show(full(text, text));
    expect(await screen.findAllByRole('cell')).toHaveLength(1 + allColumns(schema).length);
    expect(screen.getByRole('heading', { name: /Extended Profiles/ })).toBeVisible();
    expect(screen.queryByText('cannot be shown')).not.toBeInTheDocument();
    // No error boundary may catch an error: each component handles the value itself.
    expect(complaint.mock.calls.filter(([first]) => !String(first).includes('same key'))).toEqual([]);
    complaint.mockRestore();
  });

  it.each(Object.entries(others))('%s', async (_, value) => {
    show(full('u1', value));
    expect(await screen.findAllByRole('cell')).toHaveLength(1 + allColumns(schema).length);
    expect(screen.queryByText('cannot be shown')).not.toBeInTheDocument();
  });
});

describe('a value is shown as stored', () => {
  const none = new Map<string, string>();
  const shown = (user: User, slug: string) =>
    attributesOf(user, schema, none).find((attribute) => attribute.slug === slug)?.text;

  it('inherited property names are unknown if they are not stored', () => {
    const user = userOf('u2');
    for (const slug of ['__proto__', 'constructor', 'toString']) expect(shown(user, slug)).toBeNull();
  });

  it('values stored under inherited property names are shown', () => {
    const { user } = exactUser(
      '{"user":{"user_id":"u1","attributes":{"__proto__":"p","constructor":"c"}},"accounts":[]}',
    );
    expect(shown(user, '__proto__')).toBe('p');
    expect(shown(user, 'constructor')).toBe('c');
  });

  it.each([
    ['date', '+010000-01-01T00:00:00.000Z', '1 Jan 10000'],
    ['date', '10000-01-01T00:00:00.000Z', '10000-01-01T00:00:00.000Z'],
    ['date', '-000005-03-01T00:00:00.000Z', '-000005-03-01T00:00:00.000Z'],
    ['date', '2026-03-01T08:30:00.000Z', '2026-03-01T08:30:00.000Z'],
    ['datetime', '+292278994-08-17T07:12:55.807Z', '+292278994-08-17T07:12:55.807Z'],
    ['datetime', '0001-01-01T00:00:00.000Z', '0001-01-01T00:00:00.000Z'],
    ['time', '2026-03-01T08:30:00.000Z', '2026-03-01T08:30:00.000Z'],
    ['week', '+010000-01-03T00:00:00.000Z', '+010000-01-03T00:00:00.000Z'],
    ['month', '2026-03-15T00:00:00.000Z', '2026-03-15T00:00:00.000Z'],
  ] as const)('%s %s', (type, value, text) => {
    expect(shown(userOf('u1', { attributes: { [`f_${type}`]: value } }), `f_${type}`)).toBe(text);
  });

  it('keeps every digit of a number, also in the list', () => {
    const list = exactPage(
      '{"results":[{"user_id":"u1","attributes":{"n":9007199254740993,"x":-0.12345678901234567,"s":"12345678901234567890"}}]}',
    );
    expect(list.results[0]?.attributes).toEqual({
      n: '9007199254740993',
      x: '-0.12345678901234567',
      s: '12345678901234567890',
    });
  });

  it('sorts subscriptions with an end outside the calendar', () => {
    const ends = ['-292275055-05-16T16:47:04.192Z', '+292278994-08-17T07:12:55.807Z', '2026-01-01T00:00:00.000Z'];
    const grants = ends.map((endTime, i) => grantOf(`g${i}`, { endTime }));
    expect(sorted(grants).map(({ grantId }) => grantId)).toEqual(['g1', 'g2', 'g0']);
  });

  it('shows the first of very many subscriptions, and their number', async () => {
    show(userOf('u1', { grants: Array.from({ length: 1_000 }, (_, i) => grantOf(`g${i}`)) }));
    expect(await screen.findByText(/800 more/)).toBeVisible();
  });
});
