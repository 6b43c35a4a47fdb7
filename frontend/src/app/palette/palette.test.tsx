import { screen, waitFor } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { beforeEach, expect, it, vi } from 'vitest';
import type { SavedFilter } from '@/api/client';
import { keys } from '@/api/keys';
import { renderUi, testClient } from '@/shared/testing/render';

const server = await vi.hoisted(async () => (await import('@/shared/testing/server')).fakeServer());
const { PaletteKeys } = await import('./palette-keys');

const filter: SavedFilter['filter'] = { field: 'email_verified', operator: 'checked' };

beforeEach(() => {
  Element.prototype.scrollIntoView = vi.fn(); // jsdom has none
});

function setup(role: 'owner' | 'viewer' = 'owner') {
  server.answers(() => ({ body: { results: [{ id: '01A', name: 'Verified', filter, editable: true }] } }));
  const client = testClient();
  const tenants = [
    { id: 'meridian', name: 'Meridian Press', role },
    { id: 'orion', name: 'Orion', role },
  ];
  client.setQueryData(keys.me, { tenants, outbox: false });
  const ui = (
    <>
      <button type="button">Before</button>
      <input aria-label="Other field" />
      <PaletteKeys tenant="meridian" />
    </>
  );
  const { router } = renderUi(ui, { client, at: '/t/meridian/exports' });
  const shown = () => screen.getAllByRole('option').map((option) => option.getAttribute('aria-label'));
  return { router, shown, user: userEvent.setup() };
}

it('opens by Ctrl+K, finds by words, runs by Enter, and asks for nothing before', async () => {
  const { router, user, shown } = setup();
  expect(server.asked).toEqual([]);
  await user.keyboard('{Control>}k{/Control}');
  const field = await screen.findByRole('combobox', { name: 'Search commands and users' });
  await waitFor(() => expect(field).toHaveFocus());
  await screen.findByRole('option', { name: 'Saved filters: Verified' });
  expect(shown()).toContain('Switch tenant: Orion');
  await user.keyboard('go set');
  expect(shown()).toEqual(['Go to: Settings', 'Users: Find users: “go set”']);
  await user.keyboard('{Enter}');
  await waitFor(() => expect(router.state.location.pathname).toBe('/t/meridian/settings'));
  await waitFor(() => expect(screen.queryByRole('dialog')).not.toBeInTheDocument());
});

it('moves by arrows, and finds users by words', async () => {
  const { router, user } = setup();
  await user.keyboard('{Meta>}k{/Meta}');
  const field = await screen.findByRole('combobox', { name: 'Search commands and users' });
  await waitFor(() => expect(field).toHaveFocus());
  await user.keyboard('users');
  await user.keyboard('{ArrowUp}');
  const last = screen.getAllByRole('option').at(-1);
  expect(last).toHaveAttribute('aria-selected', 'true');
  expect(field).toHaveAttribute('aria-activedescendant', last?.id);
  await user.keyboard('{Enter}');
  await waitFor(() => expect(router.state.location.search).toEqual({ search: 'users' }));
});

it('offers viewers no export', async () => {
  const { user, shown } = setup('viewer');
  await user.keyboard('{Control>}k{/Control}');
  await screen.findByRole('option', { name: 'Go to: Users' });
  expect(shown()).not.toContain('Export: Export users');
  expect(shown()).not.toContain('Go to: Members');
});

it('shows the shortcuts by "?", except where the key types', async () => {
  const { user } = setup();
  await user.click(screen.getByRole('textbox', { name: 'Other field' }));
  await user.keyboard('?');
  expect(screen.getByRole('textbox', { name: 'Other field' })).toHaveValue('?');
  const before = screen.getByRole('button', { name: 'Before' });
  before.focus();
  await user.keyboard('?');
  expect(await screen.findByRole('dialog', { name: 'Keyboard shortcuts' })).toHaveTextContent('Search users');
  await user.keyboard('{Escape}');
  await waitFor(() => expect(before).toHaveFocus());
});
