import { describe, expect, it } from 'vitest';
import { readView, withPage, withQuery, withUser } from './view';

describe('readView', () => {
  it('shows all users from the first page for an empty address', () => {
    expect(readView({})).toEqual({
      store: 'all',
      filter: '',
      search: '',
      sort: '',
      cursor: null,
      page: 1,
      limit: 25,
      user: null,
      missing: null,
    });
  });

  it('parses a pasted link', () => {
    const search = {
      store: 'uk',
      filter: '{}',
      search: 'amara',
      sort: '-registered',
      cursor: 'YQ',
      page: '3',
      limit: '50',
      user: 'u1',
    };
    expect(readView(search)).toEqual({ ...search, page: 3, limit: 50, missing: null });
  });

  it('does not know the page of a cursor without a valid page number', () => {
    expect(readView({ cursor: 'YQ' }).page).toBeNull();
    expect(readView({ cursor: 'YQ', page: '-2' }).page).toBeNull();
    expect(readView({ cursor: 'YQ', page: '1e3' }).page).toBeNull();
  });

  it('is on page 1 without a cursor, for any address', () => {
    expect(readView({ page: '7' }).page).toBe(1);
  });

  it('accepts the orders of the server only', () => {
    expect(readView({ sort: 'last_login' }).sort).toBe('last_login');
    expect(readView({ sort: '-id' }).sort).toBe('-id');
    for (const sort of ['id', '--id', 'country', '+updated', '-']) expect(readView({ sort }).sort).toBe('');
  });

  it('accepts the offered page sizes only', () => {
    expect(readView({ limit: '100' }).limit).toBe(100);
    expect(readView({ limit: '5000' }).limit).toBe(25);
  });

  it('cuts a search to the limit of the server, between characters', () => {
    expect(readView({ search: 'é'.repeat(150) }).search).toBe('é'.repeat(128));
    expect(readView({ search: `x${'é'.repeat(150)}` }).search).toBe(`x${'é'.repeat(127)}`);
  });
});

describe('withQuery', () => {
  const before = { store: 'uk', filter: '{}', search: 'a', cursor: 'YQ', page: '3', limit: '50', user: 'u1' };

  it('starts at the first page and closes the drawer', () => {
    const next = withQuery(before, { search: ' amara ' });
    expect(next).toEqual({ store: 'uk', filter: '{}', search: 'amara', limit: '50' });
  });

  it('keeps the order, and starts another one at the first page', () => {
    const sorted = { ...before, sort: '-registered' };
    expect(withQuery(sorted, { search: 'b' }).sort).toBe('-registered');
    expect(withQuery(sorted, { sort: 'updated' })).toMatchObject({ store: 'uk', search: 'a', sort: 'updated' });
    expect(withQuery(sorted, { sort: 'updated' })).not.toHaveProperty('cursor');
    expect(withQuery(sorted, { sort: '' }).sort).toBeUndefined();
  });

  it('drops a saved filter that does not exist', () => {
    expect(withQuery({ saved: '01A' }, { filter: undefined })).not.toHaveProperty('saved');
  });

  it('omits defaults', () => {
    const next = withQuery(before, { store: 'all', filter: undefined, search: '', limit: 25 });
    expect(Object.values(next).join('')).toBe('');
  });
});

describe('withPage', () => {
  it('counts the pages', () => {
    expect(withPage({ search: 'a' }, 1, 'YQ')).toEqual({ search: 'a', cursor: 'YQ', page: '2' });
    expect(withPage({ cursor: 'YQ', page: '4' }, -1, 'Yg')).toEqual({ cursor: 'Yg', page: '3' });
  });

  it('returns to a first page without a cursor', () => {
    expect(readView(withPage({ cursor: 'YQ', page: '2' }, -1, 'Yg'))).toMatchObject({ cursor: null, page: 1 });
  });

  it('does not invent an unknown page number', () => {
    expect(readView(withPage({ cursor: 'YQ' }, -1, 'Yg'))).toMatchObject({ cursor: 'Yg', page: null });
  });
});

it('opens and closes a drawer without leaving the page', () => {
  const opened = withUser({ cursor: 'YQ', page: '2' }, 'u1');
  expect(opened).toEqual({ cursor: 'YQ', page: '2', user: 'u1' });
  expect(readView(withUser(opened, null))).toMatchObject({ cursor: 'YQ', page: 2, user: null });
});
