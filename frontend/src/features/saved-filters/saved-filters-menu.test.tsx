import { screen, waitFor, within } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { expect, it, vi } from 'vitest';
import type { Rule, SavedFilter } from '@/api/client';
import { keys } from '@/api/keys';
import { renderUi, testClient } from '@/shared/testing/render';

const server = await vi.hoisted(async () => (await import('@/shared/testing/server')).fakeServer());
const { SavedFilters } = await import('./saved-filters');

const gb: Rule = { combinator: 'and', rules: [{ field: 'attributes.country', operator: 'is', value: 'GB' }] };
const us: Rule = { combinator: 'and', rules: [{ field: 'attributes.country', operator: 'is', value: 'US' }] };

function savedOf(over: Partial<SavedFilter> = {}): SavedFilter {
  const at = '2026-11-23T12:00:00.000Z';
  const all = { id: '01A', name: 'Lapsed GB', filter: gb, createdBy: 'amelia.hart@example.com', editable: true };
  return { ...all, createdAt: at, updatedAt: at, ...over };
}

function setup({
  filter = gb,
  saved = [savedOf()],
  role = 'exporter',
}: {
  filter?: Rule | null;
  saved?: SavedFilter[];
  role?: string;
} = {}) {
  const writes: unknown[] = [];
  server.answers(({ method, path, body }) => {
    if (method === 'GET') return { body: { results: saved } };
    writes.push([method, path, body]);
    return { body: savedOf() };
  });
  const client = testClient();
  client.setQueryData(keys.schema('meridian'), { fields: [], foreignSystems: [], appIds: [], products: [] });
  client.setQueryData(keys.me, { tenants: [{ id: 'meridian', name: 'Meridian', role }] });
  const onApply = vi.fn();
  renderUi(<SavedFilters tenant="meridian" filter={filter} onApply={onApply} />, { client });
  const button = () => screen.getByRole('button', { name: 'Saved filters' });
  return { onApply, writes, user: userEvent.setup(), button };
}

it('asks for the filters when it opens, and applies one', async () => {
  const { user, button, onApply } = setup({ filter: us });
  expect(server.asked).toEqual([]);
  await user.click(button());
  await user.click(await screen.findByRole('menuitem', { name: 'Lapsed GB' }));
  expect(onApply).toHaveBeenCalledExactlyOnceWith(gb);
});

it('saves the current filter under a name, by keyboard', async () => {
  const { user, button, writes } = setup({ saved: [] });
  button().focus();
  await user.keyboard('{Enter}');
  await user.click(await screen.findByRole('menuitem', { name: 'Save this filter' }));
  const dialog = await screen.findByRole('dialog', { name: 'Save filter' });
  await user.click(within(dialog).getByRole('button', { name: 'Save' }));
  expect(within(dialog).getByRole('alert')).toHaveTextContent('Enter a name.');
  await user.type(within(dialog).getByLabelText('Name'), 'Mine{Enter}');
  await waitFor(() => expect(writes).toEqual([['POST', '/v4/saved-filters', { name: 'Mine', filter: gb }]]));
  await waitFor(() => expect(button()).toHaveFocus());
});

it('shows members without the right what they can use', async () => {
  const { user, button } = setup({ role: 'viewer', saved: [savedOf({ editable: false })] });
  await user.click(button());
  expect(await screen.findByRole('menuitem', { name: /Lapsed GB/ })).toBeInTheDocument();
  expect(screen.queryByRole('menuitem', { name: 'Save this filter' })).not.toBeInTheDocument();
  await user.click(screen.getByRole('menuitem', { name: 'Manage saved filters' }));
  const entry = within(await screen.findByRole('listitem'));
  expect(entry.getAllByRole('button').map((each) => each.getAttribute('aria-label'))).toEqual([
    'Copy the link of Lapsed GB',
  ]);
});

it('renames, replaces and deletes, and asks before it does', async () => {
  const { user, button, writes } = setup({ filter: us });
  await user.click(button());
  await user.click(await screen.findByRole('menuitem', { name: 'Manage saved filters' }));
  const entry = within(await screen.findByRole('listitem'));
  await user.click(entry.getByRole('button', { name: 'Rename Lapsed GB' }));
  await user.clear(entry.getByLabelText('Name'));
  await user.type(entry.getByLabelText('Name'), 'Lapsed{Enter}');
  await user.click(await entry.findByRole('button', { name: 'Replace Lapsed GB with the current filter' }));
  await user.click(entry.getByRole('button', { name: 'Replace' }));
  await user.click(await entry.findByRole('button', { name: 'Delete Lapsed GB' }));
  await user.click(entry.getByRole('button', { name: 'Keep' }));
  await user.click(entry.getByRole('button', { name: 'Delete Lapsed GB' }));
  await user.click(entry.getByRole('button', { name: 'Delete' }));
  const path = '/v4/saved-filters/01A';
  await waitFor(() =>
    expect(writes).toEqual([
      ['PATCH', path, { name: 'Lapsed' }],
      ['PATCH', path, { filter: us }],
      ['DELETE', path, ''],
    ]),
  );
});
