import { screen, waitFor } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { expect, it } from 'vitest';
import type { Me } from '@/api/client';
import { keys } from '@/api/keys';
import { meOf } from '@/shared/testing/me';
import { renderUi, testClient } from '@/shared/testing/render';
import { TenantSwitch } from './tenant-switch';

async function show() {
  const me = meOf('owner');
  const client = testClient();
  const other = { ...me.tenants[0], id: 'northwind', name: 'Northwind' } as Me['tenants'][number];
  client.setQueryData<Me>(keys.me, { ...me, tenants: [...me.tenants, other] });
  renderUi(<TenantSwitch tenant="northwind" />, { client });
  return screen.findByRole('button', { name: 'Tenant: Northwind' });
}

it('loads its list by the first press, and gives the focus back to its button', async () => {
  const button = await show();
  await userEvent.hover(button);
  expect(screen.queryByRole('option', { hidden: true })).not.toBeInTheDocument();
  await userEvent.click(button);
  expect(await screen.findAllByRole('option')).toHaveLength(2);
  await userEvent.keyboard('{Escape}');
  await waitFor(() => expect(screen.queryByRole('option')).not.toBeInTheDocument());
  expect(screen.getByRole('button', { name: 'Tenant: Northwind' })).toHaveFocus();
});

it('starts at the current tenant', async () => {
  await userEvent.click(await show());
  const current = await screen.findByRole('option', { name: /Northwind/ });
  expect(current).toBeVisible();
  await waitFor(() => expect(current).toHaveAttribute('data-combobox-selected', 'true'));
});
