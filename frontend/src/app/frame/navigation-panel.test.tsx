import { screen } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { expect, it, vi } from 'vitest';
import type { Me, Role } from '@/api/client';
import { keys } from '@/api/keys';
import { meOf } from '@/shared/testing/me';
import { renderUi, testClient } from '@/shared/testing/render';
import { NavigationPanel } from './navigation-panel';

const server = await vi.hoisted(async () => (await import('@/shared/testing/server')).fakeServer());

const openPalette = vi.fn();

function show(role: Role) {
  server.answers(() => undefined);
  const client = testClient();
  client.setQueryData<Me>(keys.me, { ...meOf(role), outbox: true });
  renderUi(<NavigationPanel tenant="meridian" onPalette={openPalette} />, { client });
  return screen.getAllByRole('listitem').map(({ textContent }) => textContent);
}

it('links an owner to every page', () => {
  expect(show('owner')).toEqual(['Users', 'Exports', 'Outbox', 'API keys', 'Members', 'Activity', 'Settings']);
  expect(screen.getByRole('link', { name: 'Activity' })).toHaveAttribute('href', '/t/meridian/audit-log');
  expect(screen.getByRole('link', { name: 'Members' })).toHaveAttribute('href', '/t/meridian/members');
});

it('links an exporter to every page except members and activity', () => {
  expect(show('exporter')).toEqual(['Users', 'Exports', 'Outbox', 'API keys', 'Settings']);
  expect(screen.getByRole('link', { name: 'API keys' })).toHaveAttribute('href', '/t/meridian/key-pairs');
});

it('links a viewer to the pages of viewers', () => {
  expect(show('viewer')).toEqual(['Users', 'Exports', 'Settings']);
});

it('opens the command palette', async () => {
  show('viewer');
  const button = screen.getByRole('button', { name: 'Search or jump to…' });
  expect(button).toHaveAttribute('aria-keyshortcuts', 'Control+K');
  await userEvent.click(button);
  expect(openPalette).toHaveBeenCalledOnce();
});
