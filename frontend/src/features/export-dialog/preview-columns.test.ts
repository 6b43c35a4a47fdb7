import { describe, expect, it } from 'vitest';
import { foldColumns, repeats } from './preview-columns';
import { columnsOf, previewOf } from './testing';

function shown(preview: Parameters<typeof foldColumns>[0], ...opened: number[]): string[] {
  return foldColumns(preview, new Set(opened)).map((place) =>
    place.kind === 'column' ? (preview.columns[place.index]?.name ?? '') : `+ ${place.to - place.from + 1}`,
  );
}

describe('foldColumns', () => {
  const who = ['user_id', 'user_store', 'identifiers.email_address', 'identifiers.username'];
  it('keeps who they are and what they bought, in the order of the file', () => {
    expect(shown(previewOf())).toEqual([...who, '+ 4', 'grant.product', 'grant.expiry_state']);
  });

  it('opens a fold in place', () => {
    const opened = ['email_verified', 'updated', 'attributes.city', 'grant.id'];
    expect(shown(previewOf(), 4)).toEqual([...who, ...opened, 'grant.product', 'grant.expiry_state']);
  });

  it('folds no single column', () => {
    const columns = columnsOf('user_id', 'updated', 'user_store');
    expect(shown({ columns, rows: [] })).toEqual(['user_id', 'updated', 'user_store']);
  });

  it('shows, without subscriptions, the first columns whose values differ', () => {
    const columns = columnsOf('user_id', 'updated', ...['a', 'b', 'c', 'd', 'e', 'f'].map((x) => `attributes.${x}`));
    const rows = [
      ['1', '1', '', '1', '1', '1', '1', '1'],
      ['2', '2', '', '2', '1', '2', '2', '2'],
    ];
    expect(shown({ columns, rows })).toEqual([
      'user_id',
      '+ 2',
      'attributes.b',
      'attributes.c',
      'attributes.d',
      'attributes.e',
      'attributes.f',
    ]);
  });

  it('folds all but who they are where nobody matches', () => {
    expect(shown(previewOf({ rows: [] }))).toEqual([...who, '+ 4', 'grant.product', 'grant.expiry_state']);
  });
});

it('knows the rows that repeat a user', () => {
  expect(repeats(previewOf())).toEqual([false, true, false]);
  expect(repeats({ columns: columnsOf('updated'), rows: [['1'], ['1']] })).toEqual([false, false]);
});
