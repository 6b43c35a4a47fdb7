import { screen } from '@testing-library/react';
import { expect, it, vi } from 'vitest';
import type { Me, Role } from '@/shared/api/client';
import { keys } from '@/shared/api/keys';
import { meOf } from '@/shared/testing/me';
import { renderUi, testClient } from '@/shared/testing/render';
import { NavigationPanel } from './navigation-panel';

const server = await vi.hoisted(async () => (await import('@/shared/testing/server')).fakeServer());

function show(role: Role) {
  server.answers(() => undefined);
  const client = testClient();
  client.setQueryData<Me>(keys.me, { ...meOf(role), outbox: true });
  renderUi(<NavigationPanel tenant="meridian" />, { client });
  return screen.getAllByRole('listitem').map(({ textContent }) => textContent);
}

it('leads an owner to everything', () => {
  expect(show('owner')).toEqual(['Users', 'Exports', 'Outbox', 'Key pairs', 'Admins', 'Audit log', 'Settings']);
  expect(screen.getByRole('link', { name: 'Audit log' })).toHaveAttribute('href', '/t/meridian/audit-log');
  expect(screen.getByRole('link', { name: 'Admins' })).toHaveAttribute('href', '/t/meridian/admins');
});

it('leads an exporter to everything but the admins and the audit log', () => {
  expect(show('exporter')).toEqual(['Users', 'Exports', 'Outbox', 'Key pairs', 'Settings']);
  expect(screen.getByRole('link', { name: 'Key pairs' })).toHaveAttribute('href', '/t/meridian/key-pairs');
});

it('leads a viewer to what a viewer may see', () => {
  expect(show('viewer')).toEqual(['Users', 'Exports', 'Settings']);
});
