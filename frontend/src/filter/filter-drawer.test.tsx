import { act, screen, waitFor, within } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { api, type Rule } from '@/api/client';
import { keys } from '@/api/keys';
import { gate } from '@/shared/testing/gate';
import { renderUi, testClient } from '@/shared/testing/render';
import { FilterDrawer, type FilterDrawerProps } from './filter-drawer';
import { schema } from './testing';

const tenant = 'meridian';
const gb: Rule = { field: 'attributes.country', operator: 'is', value: 'GB' };
const login: Rule = { field: 'last_login', operator: 'between', to: '2026-08-31' };
const both: Rule = { combinator: 'and', rules: [gb, login] };

// The number of matching users by the number of rules. A test can replace the answer.
const post = vi.spyOn(api, 'POST');
// The type of the client allows every route; the drawer calls only one.
const asked = () => post.mock.calls.map((call: readonly [string, { body?: unknown }?]) => call[1]?.body);
const acceptsEstimate = (options: unknown) => (options as { params: { query?: object } }).params.query !== undefined;
const answer = (body: object, status = 200) => ({ response: new Response(null, { status }), ...body });

beforeEach(() => {
  vi.useFakeTimers({ shouldAdvanceTime: true });
  post.mockImplementation(() => Promise.resolve(answer({ data: { users: 29_480, accuracy: 'exact' } })));
});
afterEach(() => {
  vi.useRealTimers();
  post.mockReset();
});

function open(over: Partial<FilterDrawerProps> = {}) {
  const user = userEvent.setup({ advanceTimers: vi.advanceTimersByTime });
  const client = testClient();
  client.setQueryData(keys.schema(tenant), schema);
  const [onClose, onApply] = [vi.fn(), vi.fn()];
  renderUi(
    <FilterDrawer opened tenant={tenant} store="all" filter={both} onClose={onClose} onApply={onApply} {...over} />,
    { client },
  );
  const rule = (name: string) => within(screen.getByRole('group', { name: `Rule ${name}` }));
  return { user, onClose, onApply, rule };
}

it('counts, writes the filter in words, and applies it', async () => {
  const { user, onApply, onClose } = open({ store: 'uk', search: 'hart' });
  const show = await screen.findByRole('button', { name: 'Show 29,480 users' });
  expect(asked()).toEqual([{ store: 'uk', filter: both, search: 'hart' }]);
  expect(screen.getByRole('region', { name: 'In words' })).toHaveTextContent(
    'Country is GB and last login is up to 31 Aug 2026.A date means that whole day in UTC.',
  );
  await user.click(show);
  expect(onApply).toHaveBeenCalledWith(both);
  expect(onClose).toHaveBeenCalled();
});

it('shows an estimate first, and speaks of the exact number only', async () => {
  const exact = gate();
  post.mockImplementation(async (_path, ...[options]) => {
    if (acceptsEstimate(options)) return answer({ data: { users: 12_000, accuracy: 'estimate' } });
    await exact.opened;
    return answer({ data: { users: 12_345, accuracy: 'exact' } });
  });
  open();
  expect(await screen.findByRole('button', { name: 'Show about 12,000 users' })).toBeVisible();
  const told = screen.getByText('about 12,000').closest('[role="status"]');
  expect(told).toHaveTextContent('about 12,000 users match');
  expect(told).toHaveAttribute('aria-busy', 'true');
  exact.open();
  expect(await screen.findByRole('button', { name: 'Show 12,345 users' })).toBeVisible();
  expect(told).toHaveTextContent('12,345 users match');
  expect(told).toHaveAttribute('aria-busy', 'false');
});

it('keeps the estimate where the users cannot be counted, and names no bound', async () => {
  post.mockImplementation(async (_path, ...[options]) => {
    if (acceptsEstimate(options)) return answer({ data: { users: 1_500, accuracy: 'upper_bound' } });
    return answer({ error: { code: 'unavailable', detail: 'Try later.' } }, 503);
  });
  open();
  const told = (await screen.findByText('few')).closest('[role="status"]');
  await waitFor(() => expect(told).toHaveAttribute('aria-busy', 'false'));
  expect(told).toHaveTextContent('few users match');
  expect(screen.getByRole('button', { name: 'Show users' })).toBeVisible();
});

it('shows a wrong value below its rule after a pause, and does not close without the rule', async () => {
  const { user, rule, onApply } = open({
    filter: { combinator: 'and', rules: [gb, { field: 'attributes.age', operator: 'between', from: 18 }] },
  });
  const to = rule('2').getByRole('textbox', { name: 'To' });
  const told = rule('2').getByRole('status');
  await user.type(to, 'twelve');
  expect(told).toBeEmptyDOMElement();
  await waitFor(() => expect(told).toHaveTextContent('Age is a number. “twelve” is not.'));
  expect(to).toBeInvalid();
  expect(to).toHaveAccessibleDescription('Age is a number. “twelve” is not.');
  expect(screen.getByText(/One rule is incomplete and is ignored/)).toBeVisible();
  await user.click(await screen.findByRole('button', { name: 'Show 29,480 users' }));
  expect(onApply).not.toHaveBeenCalled();
  await waitFor(() => expect(to).toHaveFocus());
  await user.clear(to);
  await user.type(to, '65');
  await user.click(screen.getByRole('button', { name: /^Show/ }));
  expect(onApply).toHaveBeenCalledWith({
    combinator: 'and',
    rules: [gb, { field: 'attributes.age', operator: 'between', from: 18, to: 65 }],
  });
});

it('moves the focus to an unfinished rule, and omits empty ones', async () => {
  const unfinished: Rule = { field: 'attributes.plan', operator: 'is' };
  const { user, rule, onApply } = open({ filter: { combinator: 'and', rules: [gb, unfinished] }, rule: 'add' });
  await user.click(screen.getByRole('button', { name: /^Show/ }));
  const value = rule('2').getByRole('textbox', { name: 'Value' });
  await waitFor(() => expect(value).toHaveFocus());
  expect(rule('2').getByRole('status')).toHaveTextContent('Enter a value.');
  expect(onApply).not.toHaveBeenCalled();
  await user.keyboard('Digital');
  await user.click(screen.getByRole('button', { name: /^Show/ }));
  expect(onApply).toHaveBeenCalledWith({ combinator: 'and', rules: [gb, { ...unfinished, value: 'Digital' }] });
});

it('takes the offered value on Enter, and marks a value that is not an option', async () => {
  const { user, rule, onApply } = open({ filter: { field: 'attributes.country', operator: 'is', value: 'XX' } });
  expect(rule('1').getByRole('note')).toHaveTextContent('“XX” is not one of the options of Country.');
  const value = rule('1').getByRole('combobox', { name: 'Value' });
  await user.clear(value);
  await user.type(value, 'unit{Enter}');
  expect(value).toHaveValue('GB');
  expect(rule('1').queryByRole('note')).not.toBeInTheDocument();
  await user.click(screen.getByRole('button', { name: /^Show/ }));
  expect(onApply).toHaveBeenCalledWith({ combinator: 'and', rules: [gb] });
});

it('does not count an unfinished option, nor the one before it, until the field is left', async () => {
  const { user, rule, onApply } = open({ filter: both });
  await screen.findByRole('button', { name: 'Show 29,480 users' });
  const value = rule('1').getByRole('combobox', { name: 'Value' });
  await user.clear(value);
  await user.type(value, 'Germ');
  expect(value).toHaveValue('Germ');
  expect(screen.getByRole('region', { name: 'In words' })).toHaveTextContent('Last login is up to 31 Aug 2026.');
  await act(() => vi.advanceTimersByTimeAsync(1_000));
  expect(JSON.stringify(asked())).not.toContain('erm');
  expect(asked().at(-1)).toMatchObject({ filter: { rules: [login] } });
  await user.click(screen.getByRole('button', { name: /^Show/ })); // leaves the field
  expect(onApply).toHaveBeenCalledWith({ combinator: 'and', rules: [{ ...gb, value: 'Germ' }, login] });
});

it('asks for lapsed subscribers by keyboard', async () => {
  const { user, rule, onApply } = open({ filter: gb, rule: 'add' });
  await waitFor(() => expect(rule('2').getByRole('combobox', { name: 'Field' })).toHaveFocus());
  await user.keyboard('stat{Enter}');
  await waitFor(() => expect(rule('2.1').getByRole('combobox', { name: 'Field' })).toHaveFocus());
  await user.tab(); // operator
  await user.tab();
  await user.keyboard('exp{Enter}');
  const quantifier = within(screen.getByRole('radiogroup', { name: 'How many subscriptions of group 2' }));
  await user.click(quantifier.getByLabelText('all'));
  expect(screen.getByRole('region', { name: 'In words' })).toHaveTextContent(
    'Country is GB and has only subscriptions whose state is expired.',
  );
  await user.click(screen.getByRole('button', { name: /^Show/ }));
  const expired = { field: 'grant.expiry_state', operator: 'is', value: 'expired' };
  expect(onApply).toHaveBeenCalledWith({
    combinator: 'and',
    rules: [gb, { quantifier: 'all', combinator: 'and', rules: [expired] }],
  });
});

it('has operators for lists and for dates relative to now', async () => {
  const { user, rule, onApply } = open({ filter: { combinator: 'and', rules: [gb, login] } });
  await user.click(rule('2').getByRole('combobox', { name: 'Operator' }));
  await user.click(await screen.findByRole('option', { name: 'is in the last' }));
  const number = rule('2').getByRole('textbox', { name: 'Number' });
  expect(number).toHaveValue('30');
  await user.clear(number);
  await user.type(number, '90');
  const operator = rule('1').getByRole('combobox', { name: 'Operator' });
  await user.clear(operator);
  await user.type(operator, 'one of{Enter}');
  await user.type(rule('1').getByRole('combobox', { name: 'Values' }), 'swed');
  expect(screen.getByRole('option', { name: 'SE Sweden' })).toBeVisible();
  await user.keyboard('{Enter}');
  expect(screen.queryByRole('option', { name: 'SE Sweden' })).toBeNull();
  await user.click(screen.getByRole('button', { name: /^Show/ }));
  expect(onApply).toHaveBeenCalledWith({
    combinator: 'and',
    rules: [
      { field: 'attributes.country', operator: 'is_one_of', values: ['GB', 'SE'] },
      { field: 'last_login', operator: 'between', from: 'now-90d', to: 'now' },
    ],
  });
});

it('counts 300 ms after the last change, and only once', async () => {
  const { user, rule } = open({ filter: { field: 'attributes.plan', operator: 'contains', value: 'D' } });
  await screen.findByRole('button', { name: 'Show 29,480 users' });
  await user.type(rule('1').getByRole('textbox', { name: 'Value' }), 'igital');
  expect(screen.getByRole('button', { name: 'Show users' })).toBeVisible();
  expect(asked()).toHaveLength(1);
  await act(() => vi.advanceTimersByTimeAsync(300));
  await screen.findByRole('button', { name: 'Show 29,480 users' });
  expect(asked()).toHaveLength(2);
  expect(asked()[1]).toMatchObject({ filter: { rules: [{ value: 'Digital' }] } });
});

it('shows a refusal of the server below its rule', async () => {
  const detail = 'more than 1000 accounts match: narrow the account rule';
  post.mockResolvedValue(answer({ error: { code: 'too_narrow', detail, field: 'filter.rules[1].value' } }, 400));
  const wide: Rule = { field: 'account.name', operator: 'contains', value: 'a' };
  const wrong: Rule = { field: 'attributes.age', operator: 'is', value: 'old' };
  const { user, rule, onApply } = open({ filter: { combinator: 'and', rules: [gb, wrong, wide] } });
  await waitFor(() => expect(rule('3').getByRole('status')).toHaveTextContent(detail));
  expect(screen.getByText('Not counted: see the rule above.')).toBeVisible();
  await user.click(screen.getByRole('button', { name: 'Show users' }));
  expect(onApply).not.toHaveBeenCalled();
});

it('starts with an empty rule', async () => {
  const { user, rule, onApply } = open({ filter: null });
  await user.click(rule('1').getByRole('combobox', { name: 'Field' }));
  await user.click(await screen.findByRole('option', { name: 'Newsletter' }));
  expect(rule('1').getByRole('combobox', { name: 'Operator' })).toHaveValue('is checked');
  expect(rule('1').queryByRole('textbox', { name: 'Value' })).not.toBeInTheDocument();
  await user.click(screen.getByRole('button', { name: /^Show/ }));
  expect(onApply).toHaveBeenCalledWith({
    combinator: 'and',
    rules: [{ field: 'attributes.newsletter', operator: 'checked' }],
  });
});

it('builds groups, and suggests values of a field', async () => {
  const { user, rule, onApply } = open({ filter: { field: 'attributes.newsletter', operator: 'checked' } });
  await user.click(screen.getByRole('button', { name: 'Add group' }));
  expect(rule('2.1').getByRole('combobox', { name: 'Field' })).toHaveFocus();
  expect(
    within(screen.getByRole('radiogroup', { name: 'Join rules of group 2 with' })).getByLabelText('or'),
  ).toBeChecked();
  await user.keyboard('coun{Enter}');
  await user.type(rule('2.1').getByRole('combobox', { name: 'Value' }), 'swed');
  await user.click(await screen.findByRole('option', { name: 'SE Sweden' }));
  await user.click(within(screen.getByRole('radiogroup', { name: 'Join rules with' })).getByLabelText('or'));

  await user.click(await screen.findByRole('button', { name: /^Show/ }));
  expect(onApply).toHaveBeenCalledWith({
    combinator: 'or',
    rules: [
      { field: 'attributes.newsletter', operator: 'checked' },
      { combinator: 'or', rules: [{ field: 'attributes.country', operator: 'is', value: 'SE' }] },
    ],
  });
});

it('parses typed dates', async () => {
  const { user, rule, onApply } = open({ filter: login, rule: 0 });
  const to = rule('1').getByRole('textbox', { name: 'To' });
  expect(to).toHaveValue('31 Aug 2026');
  await waitFor(() => expect(to).toHaveFocus());
  await user.clear(to);
  await user.type(to, '1 September 2026 8:30');
  await user.type(rule('1').getByRole('textbox', { name: 'From' }), '2026-01-01');
  expect(to).toHaveValue('1 Sep 2026 08:30');
  await user.click(screen.getByRole('button', { name: /^Show/ }));
  expect(onApply).toHaveBeenCalledWith({
    combinator: 'and',
    rules: [{ field: 'last_login', operator: 'between', from: '2026-01-01', to: '2026-09-01T08:30' }],
  });
});

it('removes a rule and moves the focus', async () => {
  const { user } = open();
  await user.click(screen.getByRole('button', { name: 'Remove: Country is GB' }));
  expect(screen.getByRole('button', { name: 'Remove: Last login is up to 31 Aug 2026' })).toHaveFocus();
  await user.keyboard('{Enter}');
  expect(screen.getByRole('button', { name: 'Add rule' })).toHaveFocus();
  expect(screen.getByRole('region', { name: 'In words' })).toHaveTextContent('Everyone.');
});

it('nests five groups at most', async () => {
  let deep: Rule = gb;
  for (let i = 0; i < 5; i++) deep = { combinator: i % 2 ? 'or' : 'and', rules: [deep] };
  open({ filter: deep });
  expect(screen.getAllByRole('button', { name: 'Add rule' })).toHaveLength(5);
  expect(screen.getAllByRole('button', { name: 'Add group' })).toHaveLength(4);
});

it('closes on Escape, but asks once after a change', async () => {
  const { user, rule, onClose } = open({ filter: { field: 'attributes.plan', operator: 'contains', value: 'D' } });
  await user.click(rule('1').getByRole('combobox', { name: 'Operator' }));
  await screen.findByRole('option', { name: 'ends with' });
  await user.keyboard('{Escape}'); // closes the list
  expect(onClose).not.toHaveBeenCalled();

  await user.type(rule('1').getByRole('textbox', { name: 'Value' }), 'x{Escape}');
  expect(screen.getByText('Discard your changes?')).toBeVisible();
  expect(screen.getByRole('button', { name: 'Keep editing' })).toHaveFocus();
  await user.keyboard('{Enter}');
  expect(screen.queryByText('Discard your changes?')).not.toBeInTheDocument();

  await user.keyboard('{Escape}');
  expect(onClose).not.toHaveBeenCalled();
  await user.keyboard('{Escape}');
  expect(onClose).toHaveBeenCalledOnce();
});

it('closes on Escape at once without a change', async () => {
  const { user, onClose } = open({ rule: 'add' });
  await waitFor(() =>
    expect(screen.getByRole('group', { name: 'Rule 3' })).toContainElement(document.activeElement as HTMLElement),
  );
  await user.keyboard('{Escape}');
  expect(onClose).toHaveBeenCalledOnce();
});
