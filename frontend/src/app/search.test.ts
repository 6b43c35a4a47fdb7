import { expect, it } from 'vitest';
import { parseSearch, stringifySearch, strings } from './search';

it('keeps every value unchanged', () => {
  const search = { filter: '{"field":"attributes.plan","value":"a&b=c"}', search: '007', cursor: 'true' };
  expect(parseSearch(stringifySearch(search))).toEqual(search);
});

it('omits empty values', () => {
  expect(stringifySearch({ search: '', store: undefined })).toBe('');
});

it('drops parameters that a route does not have', () => {
  expect(strings('store', 'search')({ store: 'uk', other: 'x', search: 5 })).toEqual({ store: 'uk' });
});
