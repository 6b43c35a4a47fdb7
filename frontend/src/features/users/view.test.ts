import { describe, expect, it } from 'vitest';
import { asking, opening, readView, turned } from './view';

describe('readView', () => {
  it('shows everyone from the first page where the address says nothing', () => {
    expect(readView({})).toEqual({
      store: 'all',
      filter: '',
      search: '',
      cursor: null,
      page: 1,
      limit: 25,
      user: null,
    });
  });

  it('takes what a pasted link says', () => {
    const search = { store: 'uk', filter: '{}', search: 'amara', cursor: 'YQ', page: '3', limit: '50', user: 'u1' };
    expect(readView(search)).toEqual({ ...search, page: 3, limit: 50 });
  });

  it('does not know the page of a cursor that comes alone, or with nonsense', () => {
    expect(readView({ cursor: 'YQ' }).page).toBeNull();
    expect(readView({ cursor: 'YQ', page: '-2' }).page).toBeNull();
    expect(readView({ cursor: 'YQ', page: '1e3' }).page).toBeNull();
  });

  it('knows that there is one first page, whatever the address says', () => {
    expect(readView({ page: '7' }).page).toBe(1);
  });

  it('keeps to the limits that it offers', () => {
    expect(readView({ limit: '100' }).limit).toBe(100);
    expect(readView({ limit: '5000' }).limit).toBe(25);
  });

  it('cuts a search to what the server takes, between characters', () => {
    expect(readView({ search: 'é'.repeat(150) }).search).toBe('é'.repeat(128));
    expect(readView({ search: `x${'é'.repeat(150)}` }).search).toBe(`x${'é'.repeat(127)}`);
  });
});

describe('asking', () => {
  const before = { store: 'uk', filter: '{}', search: 'a', cursor: 'YQ', page: '3', limit: '50', user: 'u1' };

  it('begins at the first page and closes the drawer', () => {
    const next = asking(before, { search: ' amara ' });
    expect(next).toEqual({ store: 'uk', filter: '{}', search: 'amara', limit: '50' });
  });

  it('leaves out what is at its default', () => {
    const next = asking(before, { store: 'all', filter: undefined, search: '', limit: 25 });
    expect(Object.values(next).join('')).toBe('');
  });
});

describe('turned', () => {
  it('counts the pages', () => {
    expect(turned({ search: 'a' }, 1, 'YQ')).toEqual({ search: 'a', cursor: 'YQ', page: '2' });
    expect(turned({ cursor: 'YQ', page: '4' }, -1, 'Yg')).toEqual({ cursor: 'Yg', page: '3' });
  });

  it('comes back to a first page without a cursor', () => {
    expect(readView(turned({ cursor: 'YQ', page: '2' }, -1, 'Yg'))).toMatchObject({ cursor: null, page: 1 });
  });

  it('does not invent a page where none is known', () => {
    expect(readView(turned({ cursor: 'YQ' }, -1, 'Yg'))).toMatchObject({ cursor: 'Yg', page: null });
  });
});

it('opens and closes a drawer without leaving the page', () => {
  const there = opening({ cursor: 'YQ', page: '2' }, 'u1');
  expect(there).toEqual({ cursor: 'YQ', page: '2', user: 'u1' });
  expect(readView(opening(there, null))).toMatchObject({ cursor: 'YQ', page: 2, user: null });
});
