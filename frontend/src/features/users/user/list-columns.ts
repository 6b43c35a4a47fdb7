import type { Field, UserSchema } from '@/api/client';
import type { UserSort, UserSortKey } from '@/api/keys';
import { chooseColumns } from './columns';

/** A column of the list. The first one, the email address, is always there. */
export interface ListColumn {
  /** Its name in the remembered choice. */
  id: string;
  label: string;
  /** Selects its width and its place on a narrow screen. */
  kind: 'lead' | 'name' | 'choice' | 'store' | 'subscriptions' | 'registered' | 'login' | 'updated' | 'other';
  /** The names of its fields in a filter. */
  fields: readonly string[];
  /** Absent if no index serves its order. */
  sort?: UserSortKey;
  /** The attribute that it shows. */
  attribute?: Field;
}

/** The first column. */
export const leadColumn: ListColumn = {
  id: 'email',
  label: 'Email address',
  kind: 'lead',
  fields: ['identifiers.email_address', 'email_verified'],
  sort: 'email_address',
};

const store: ListColumn = { id: 'store', label: 'User store', kind: 'store', fields: [] };
const subscriptions: ListColumn = { id: 'subscriptions', label: 'Subscriptions', kind: 'subscriptions', fields: [] };
const registered: ListColumn = {
  id: 'registered',
  label: 'Registered',
  kind: 'registered',
  fields: ['registered'],
  sort: 'registered',
};
const login: ListColumn = {
  id: 'last_login',
  label: 'Last login',
  kind: 'login',
  fields: ['last_login'],
  sort: 'last_login',
};
const others: readonly ListColumn[] = [
  { id: 'username', label: 'Username', kind: 'other', fields: ['identifiers.username'], sort: 'username' },
  { id: 'user_id', label: 'ID', kind: 'other', fields: ['user_id'], sort: 'id' },
  { id: 'updated', label: 'Last updated', kind: 'updated', fields: [], sort: 'updated' },
];

function nameColumn(name: readonly Field[]): ListColumn[] {
  if (name.length === 0) return [];
  return [{ id: 'name', label: 'Name', kind: 'name', fields: name.map(({ slug }) => `attributes.${slug}`) }];
}

function attributeColumn(attribute: Field, kind: ListColumn['kind'] = 'other'): ListColumn {
  const id = `attributes.${attribute.slug}`;
  return { id, label: attribute.label || attribute.slug, kind, fields: [id], attribute };
}

/** The columns until the schema is loaded, so that they do not move after that. */
export const expectedColumns: readonly ListColumn[] = [
  ...nameColumn([{ slug: 'name', label: 'Name', 'input-type': 'text' }]),
  { id: 'attributes.country', label: '', kind: 'choice', fields: [] },
  store,
  subscriptions,
  registered,
  login,
];

/** Returns the columns after the first one that the list has without a choice. */
export function defaultColumns(schema: UserSchema): readonly ListColumn[] {
  const { name, choice } = chooseColumns(schema);
  return [
    ...nameColumn(name),
    ...(choice ? [attributeColumn(choice, 'choice')] : []),
    store,
    subscriptions,
    registered,
    login,
  ];
}

/** Returns all columns that can be chosen. */
export function allColumns(schema: UserSchema): readonly ListColumn[] {
  const { name } = chooseColumns(schema);
  return [
    ...nameColumn(name),
    store,
    subscriptions,
    registered,
    login,
    ...others,
    ...schema.fields.map((field) => attributeColumn(field)),
  ];
}

/**
 * Returns the columns after the first one: the remembered choice without columns that the schema no longer has, or else
 * the default.
 */
export function listColumns(schema: UserSchema): { columns: readonly ListColumn[]; chosen: boolean } {
  const { userColumns } = schema;
  if (!userColumns) return { columns: defaultColumns(schema), chosen: false };
  const known = new Map(allColumns(schema).map((column) => [column.id, column]));
  const columns = [...new Set(userColumns)].flatMap((id) => known.get(id) ?? []);
  return { columns, chosen: true };
}

/** Returns the order after a press of a heading: the usual direction first, then the other one, then by ID. */
export function nextSort(sort: UserSort, key: UserSortKey): UserSort {
  if (key === 'id') return sort === '-id' ? '' : '-id';
  const usual: UserSort = isTime(key) ? `-${key}` : key;
  const other: UserSort = isTime(key) ? key : `-${key}`;
  if (sort === usual) return other;
  return sort === other ? '' : usual;
}

function isTime(key: UserSortKey): boolean {
  return key === 'registered' || key === 'last_login' || key === 'updated';
}

/** Returns the direction in which the list is sorted by a column; null if it is not. */
export function directionOf(sort: UserSort, key: UserSortKey): 'ascending' | 'descending' | null {
  const asked = sort || 'id';
  if (asked === key) return 'ascending';
  return asked === `-${key}` ? 'descending' : null;
}
