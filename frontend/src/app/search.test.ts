import { expect, it } from 'vitest';
import { parseSearch, stringifySearch, strings } from './search';

it('keeps every value as it was written', () => {
  const search = { filter: '{"field":"attributes.plan","value":"a&b=c"}', search: '007', cursor: 'true' };
  expect(parseSearch(stringifySearch(search))).toEqual(search);
});

it('leaves out what is empty', () => {
  expect(stringifySearch({ search: '', store: undefined })).toBe('');
});

it('drops what a route does not know', () => {
  expect(strings('store', 'search')({ store: 'uk', other: 'x', search: 5 })).toEqual({ store: 'uk' });
});
