import { describe, expect, it } from 'vitest';
import type { UserSort } from '@/api/keys';
import { schemaOf } from '../testing';
import { allColumns, defaultColumns, directionOf, listColumns, nextSort } from './list-columns';

const schema = schemaOf(['first_name'], ['country', 'select'], ['age', 'number']);
const ids = (columns: readonly { id: string }[]) => columns.map(({ id }) => id);

describe('listColumns', () => {
  it('has the default columns without a choice', () => {
    expect(ids(listColumns(schema).columns)).toEqual(ids(defaultColumns(schema)));
    expect(ids(defaultColumns(schema))).toEqual([
      'name',
      'attributes.country',
      'store',
      'subscriptions',
      'registered',
      'last_login',
    ]);
    expect(listColumns(schema).chosen).toBe(false);
    expect(ids(defaultColumns(schemaOf()))).toEqual(['store', 'subscriptions', 'registered', 'last_login']);
  });

  it('has the chosen columns in their order, each once, without unknown ones and the first one', () => {
    const userColumns = ['email', 'attributes.age', 'attributes.gone', 'registered', 'attributes.age', 'toString'];
    expect(listColumns({ ...schema, userColumns })).toMatchObject({ chosen: true });
    expect(ids(listColumns({ ...schema, userColumns }).columns)).toEqual(['attributes.age', 'registered']);
    expect(listColumns({ ...schema, userColumns: ['email'] }).columns).toEqual([]);
  });
});

it('offers every attribute', () => {
  expect(ids(allColumns(schema))).toEqual([
    'name',
    'store',
    'subscriptions',
    'registered',
    'last_login',
    'username',
    'user_id',
    'updated',
    'attributes.first_name',
    'attributes.country',
    'attributes.age',
  ]);
});

it('sorts text from its start, times from the newest, and then the other way, and then by ID', () => {
  const cycle = (key: Parameters<typeof nextSort>[1]) => {
    const sorts: UserSort[] = [''];
    for (let i = 0; i < 3; i++) sorts.push(nextSort(sorts.at(-1) ?? '', key));
    return sorts;
  };
  expect(cycle('username')).toEqual(['', 'username', '-username', '']);
  expect(cycle('last_login')).toEqual(['', '-last_login', 'last_login', '']);
  expect(cycle('id')).toEqual(['', '-id', '', '-id']);
  expect(nextSort('-registered', 'updated')).toBe('-updated');
});

it('says by which column the list is sorted', () => {
  expect(directionOf('', 'id')).toBe('ascending');
  expect(directionOf('-id', 'id')).toBe('descending');
  expect(directionOf('', 'registered')).toBeNull();
  expect(directionOf('-registered', 'registered')).toBe('descending');
});
