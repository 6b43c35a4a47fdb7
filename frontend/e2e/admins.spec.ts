import type { Browser, Page } from '@playwright/test';
import { expect, logIn, test } from './egress';

/** A page of somebody else's browser. */
async function another(browser: Browser, url: string): Promise<Page> {
  const context = await browser.newContext({ baseURL: url });
  return context.newPage();
}

test('an owner invites somebody, who comes in, rises, and goes', async ({ page, egress, browser }) => {
  await logIn(page, egress);
  await page.getByRole('link', { name: 'Admins' }).click();
  await expect(page.getByRole('heading', { name: 'Admins', level: 1 })).toBeVisible();
  await expect(page.getByRole('row', { name: /owner@example\.com/ })).toContainText('in every tenant, by the operator');
  await page.getByRole('button', { name: 'Invite an admin' }).click();
  const dialog = page.getByRole('dialog', { name: 'Invite an admin' });
  await dialog.getByLabel('Email address').fill('noor@example.com');
  await dialog.getByRole('combobox', { name: 'Role' }).click();
  await page.getByRole('option', { name: 'Viewer' }).click();
  await dialog.getByRole('button', { name: 'Invite', exact: true }).click();
  const link = await dialog.getByText(`${egress.url}/invitation#`).innerText();
  await dialog.getByRole('button', { name: 'Done' }).click();
  const row = page.getByRole('row', { name: /noor@example\.com/ });
  await expect(row).toContainText('invited, no password yet');

  const noor = await another(browser, egress.url);
  const sent: string[] = [];
  noor.on('request', (request) => sent.push(request.url()));
  await noor.goto(link);
  await expect(noor.getByRole('heading', { name: 'Join Meridian Press' })).toBeVisible();
  await noor.getByLabel('Your name').fill('Noor Haddad');
  await noor.getByLabel('Password', { exact: true }).fill('correct horse battery');
  await noor.getByRole('button', { name: 'Join' }).click();
  await expect(noor.getByRole('heading', { name: 'Users', level: 1 })).toBeVisible();
  expect(sent.filter((url) => url.includes(link.split('#')[1] ?? link))).toEqual([]);
  await expect(noor.getByRole('row').nth(5)).toBeVisible();
  await expect(noor.getByRole('link', { name: 'Key pairs' })).toBeHidden();

  // The link is spent, for everybody.
  const late = await another(browser, egress.url);
  await late.goto(link);
  await expect(late.getByRole('heading', { name: 'This invitation is not good any more' })).toBeVisible();
  await late.context().close();

  // A role that changes shows in the open tab, without a reload.
  await page.reload();
  await expect(row).toContainText('Noor Haddad');
  await expect(row).not.toContainText('invited');
  await row.getByRole('combobox', { name: 'Role of noor@example.com' }).click();
  await page.getByRole('option', { name: 'Exporter' }).click();
  await expect(noor.getByRole('link', { name: 'Key pairs' })).toBeVisible();

  // An owner may leave, and is let in again without a link.
  await row.getByRole('combobox', { name: 'Role of noor@example.com' }).click();
  await page.getByRole('option', { name: 'Owner' }).click();
  await noor.getByRole('link', { name: 'Admins' }).click();
  await noor.getByRole('button', { name: 'Leave: noor@example.com' }).click();
  await noor.getByRole('button', { name: 'Leave', exact: true }).click();
  await expect(noor.getByRole('heading', { name: 'You may not work in any tenant yet' })).toBeVisible();
  await page.getByRole('button', { name: 'Invite an admin' }).click();
  await dialog.getByLabel('Email address').fill('noor@example.com');
  await dialog.getByRole('button', { name: 'Invite', exact: true }).click();
  await expect(dialog.getByText('noor@example.com is in.')).toBeVisible();
  await dialog.getByRole('button', { name: 'Done' }).click();
  await noor.goto('/');
  await expect(noor.getByRole('heading', { name: 'Users', level: 1 })).toBeVisible();

  // So does one that is taken away, even before the tab's socket is back.
  await row.getByRole('button', { name: 'Remove: noor@example.com' }).click();
  await row.getByRole('button', { name: 'Remove', exact: true }).click();
  await expect(row).toBeHidden();
  await expect(noor.getByRole('heading', { name: 'There is no such page' })).toBeVisible();
  await noor.getByRole('link', { name: 'Go to the start' }).click();
  await expect(noor.getByRole('heading', { name: 'You may not work in any tenant yet' })).toBeVisible();
  await noor.context().close();

  await page.goto('/t/meridian/audit-log?what=admins');
  for (const deed of ['Invited an admin', 'Took an invitation', 'Changed a role', 'Removed an admin'])
    await expect(page.getByRole('row', { name: new RegExp(deed) }).first()).toBeVisible();
});
