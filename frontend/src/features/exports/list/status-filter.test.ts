import { expect, it } from 'vitest';
import { statusNames } from '@/jobs/status';
import { everyStatus, parseStatus, statusChoices } from './status-filter';

it('has each status in one choice', () => {
  const chosen = statusChoices.flatMap(({ statuses }) => statuses);
  expect(chosen.toSorted()).toEqual(Object.keys(statusNames).toSorted());
});

it.each([
  [undefined, 'all'],
  ['nonsense', 'all'],
  ['cancelled', 'cancelled'],
])('reads %s as %s', (status, value) => expect(parseStatus(status).value).toBe(value));

it('asks for no status if all are shown', () => expect(everyStatus.statuses).toEqual([]));
