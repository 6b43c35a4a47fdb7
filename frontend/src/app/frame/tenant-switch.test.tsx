import { screen } from '@testing-library/react';
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

it('renders its list only once the button has the focus or the pointer', async () => {
  const button = await show();
  expect(screen.queryByRole('option', { hidden: true })).not.toBeInTheDocument();
  await userEvent.hover(button);
  expect(screen.getAllByRole('option', { hidden: true })).toHaveLength(2);
});

it('starts at the current tenant', async () => {
  await userEvent.click(await show());
  const current = await screen.findByRole('option', { name: /Northwind/ });
  expect(current).toBeVisible();
  expect(current).toHaveAttribute('data-combobox-selected', 'true');
});
