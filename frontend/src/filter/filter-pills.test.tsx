import { screen, within } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { useState } from 'react';
import { expect, it, vi } from 'vitest';
import type { Rule } from '@/api/client';
import { renderUi } from '@/shared/testing/render';
import { FilterPills } from './filter-pills';
import { fields } from './testing';

const gb: Rule = { field: 'attributes.country', operator: 'is', value: 'GB' };
const se: Rule = { field: 'attributes.country', operator: 'is', value: 'SE' };
const login: Rule = { field: 'last_login', operator: 'between', to: '2026-08-31' };
const letter: Rule = { field: 'attributes.newsletter', operator: 'checked' };
const account: Rule = { field: 'account.name', operator: 'contains', value: 'Northgate' };

function Pills({ begin, onEdit = () => {} }: { begin: Rule | null; onEdit?: (rule: number | 'add') => void }) {
  const [filter, setFilter] = useState<Rule | null>(begin);
  return <FilterPills filter={filter} fields={fields} onChange={setFilter} onEdit={onEdit} />;
}

it('shows each rule, and opens the clicked one', async () => {
  const onEdit = vi.fn();
  renderUi(<Pills begin={{ combinator: 'and', rules: [gb, login] }} onEdit={onEdit} />);
  expect(screen.getByRole('group', { name: 'Filter' })).toHaveTextContent(
    /where.*Country is GB.*and.*Last login is up to 31 Aug 2026/,
  );
  await userEvent.click(screen.getByRole('button', { name: 'Last login is up to 31 Aug 2026' }));
  await userEvent.click(screen.getByRole('button', { name: 'Add rule' }));
  expect(onEdit.mock.calls).toEqual([[1], ['add']]);
});

it('removes a rule and moves the focus', async () => {
  renderUi(<Pills begin={{ combinator: 'and', rules: [gb, login] }} />);
  await userEvent.click(screen.getByRole('button', { name: 'Remove: Country is GB' }));
  expect(screen.queryByRole('button', { name: 'Country is GB' })).not.toBeInTheDocument();
  expect(screen.getByRole('button', { name: 'Remove: Last login is up to 31 Aug 2026' })).toHaveFocus();
  await userEvent.keyboard('{Enter}');
  expect(screen.getByRole('button', { name: 'Add rule' })).toHaveFocus();
  expect(screen.queryByText('where')).not.toBeInTheDocument();
});

it('shows a short group in words and a long one as one pill', () => {
  renderUi(
    <Pills
      begin={{
        combinator: 'and',
        rules: [
          { combinator: 'or', rules: [gb, se] },
          { combinator: 'or', rules: [login, letter, account] },
        ],
      }}
    />,
  );
  expect(screen.getByRole('button', { name: 'Country is GB or SE' })).toBeVisible();
  expect(screen.getByRole('button', { name: '3 rules in a group' })).toHaveAttribute(
    'title',
    'Last login is up to 31 Aug 2026, or newsletter is checked, or account name contains Northgate',
  );
  expect(screen.getByRole('button', { name: 'Remove: 3 rules in a group' })).toBeVisible();
});

it('marks a wrong rule', () => {
  const nope: Rule = { field: 'attributes.nope', operator: 'is', value: 'x' };
  renderUi(<Pills begin={nope} />);
  const pill = screen.getByRole('button', { name: 'Nope is x. Unknown field “nope”. Choose another field.' });
  expect(within(pill).getByText('x')).toBeVisible();
});
