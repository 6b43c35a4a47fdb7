import { screen } from '@testing-library/react';
import { expect, it, vi } from 'vitest';
import type { Me, Role } from '@/shared/api/client';
import { keys } from '@/shared/api/keys';
import { renderUi, testClient } from '@/shared/testing/render';
import { NavigationPanel } from './navigation-panel';

const server = await vi.hoisted(async () => (await import('@/shared/testing/server')).fakeServer());

function show(role: Role) {
  server.answers(() => undefined);
  const client = testClient();
  const tenants = [{ id: 'meridian', name: 'Meridian Press', role, retentionSeconds: 604_800 }];
  const me = { user_id: 'u', email: 'a@example.com', name: 'A', tenant: 'meridian', role, tenants, outbox: true };
  client.setQueryData<Me>(keys.me, me);
  renderUi(<NavigationPanel tenant="meridian" />, { client });
  return screen.getAllByRole('listitem').map(({ textContent }) => textContent);
}

it('leads an owner to everything', () => {
  expect(show('owner')).toEqual(['Users', 'Exports', 'Outbox', 'Key pairs', 'Audit log', 'Settings']);
  expect(screen.getByRole('link', { name: 'Audit log' })).toHaveAttribute('href', '/t/meridian/audit-log');
});

it('leads an exporter to everything but the audit log', () => {
  expect(show('exporter')).toEqual(['Users', 'Exports', 'Outbox', 'Key pairs', 'Settings']);
  expect(screen.getByRole('link', { name: 'Key pairs' })).toHaveAttribute('href', '/t/meridian/key-pairs');
});

it('leads a viewer to what a viewer may see', () => {
  expect(show('viewer')).toEqual(['Users', 'Exports', 'Settings']);
});
