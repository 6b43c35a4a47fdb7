import type { Page } from '@playwright/test';
import { type Egress, expect, logIn, meridian } from '../egress';
import { completeJob } from './jobs';
import { change } from './walk';

/** The button with the name, which is a part of it as an expression. */
export const button = (page: Page, name: string | RegExp) =>
  page.getByRole('button', { name, exact: typeof name === 'string' });

/** The dialog with the name. */
export const dialog = (page: Page, name: string | RegExp) => page.getByRole('dialog', { name });

/** Makes the admin of the page have another role. */
export async function become(page: Page, role: string): Promise<void> {
  await change(page, '**/v4/me', (me: { tenants: object[] }) => ({
    ...me,
    role,
    tenants: me.tenants.map((tenant) => ({ ...tenant, role })),
  }));
}

/** Logs in to a tenant with an export, an invitation and an API key. */
export async function prepare(page: Page, egress: Egress): Promise<void> {
  await logIn(page, egress);
  await completeJob(page);
  const invited = await page.request.post('/v4/admins', {
    ...meridian,
    data: { email: 'noor@example.com', role: 'viewer' },
  });
  expect(invited.ok(), await invited.text()).toBe(true);
  const me = await (await page.request.get('/v4/me', meridian)).json();
  const pairs = `/v3/admin/users/${me.user_id}/keypairs`;
  expect((await page.request.post(pairs, { ...meridian, data: { note: 'nightly export' } })).status()).toBe(201);
}
