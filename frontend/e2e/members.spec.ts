import type { Browser, Page } from '@playwright/test';
import { expect, logIn, test } from './egress';

const email = 'noor@example.com';
const password = 'seven quiet harbour lamps';

/** Opens a page in the browser of another person. */
async function newBrowserPage(browser: Browser, url: string): Promise<Page> {
  const context = await browser.newContext({ baseURL: url });
  return context.newPage();
}

/** Invites an address on the Members screen, and returns the link, which the dialog shows once. */
async function invite(page: Page, address: string, role: string): Promise<string> {
  await page.getByRole('button', { name: 'Invite a member' }).click();
  const dialog = page.getByRole('dialog', { name: 'Invite a member' });
  await dialog.getByLabel('Email address').fill(address);
  await dialog.getByRole('combobox', { name: 'Role' }).click();
  await page.getByRole('option', { name: role }).click();
  await dialog.getByRole('button', { name: 'Invite', exact: true }).click();
  await expect(dialog.getByText(`Give this link to ${address} and to nobody else.`)).toBeVisible();
  const link = await dialog.getByText('/invitation#').innerText();
  await dialog.getByRole('button', { name: 'Done' }).click();
  await expect(dialog).toBeHidden();
  return link;
}

test('an owner invites a member, who joins, gets another role, is logged out, joins another tenant and is removed', async ({
  page,
  egress,
  browser,
}) => {
  await logIn(page, egress);
  await page.goto('/t/meridian/admins'); // the former address of the screen
  await expect(page.getByRole('heading', { name: 'Members', level: 1 })).toBeVisible();
  expect(new URL(page.url()).pathname).toBe('/t/meridian/members');
  await expect(page.getByRole('row', { name: /owner@example\.com/ })).toContainText('Every tenant');

  const link = await invite(page, email, 'Viewer');
  const row = page.getByRole('row', { name: new RegExp(email) });
  await expect(row).toContainText('expires in 7 days');

  const noor = await newBrowserPage(browser, egress.url);
  const sent: string[] = [];
  noor.on('request', (request) => sent.push(request.url()));
  await noor.goto(link);
  await expect(noor.getByRole('heading', { name: 'You are invited to Meridian Press as viewer' })).toBeVisible();
  await expect(noor).toHaveURL(/\/invitation$/);
  await noor.getByLabel('Your name').fill('Noor Haddad');
  await noor.getByLabel('Password', { exact: true }).fill(password);
  await noor.getByRole('button', { name: 'Join Meridian Press' }).click();
  await expect(noor.getByRole('heading', { name: 'Users', level: 1 })).toBeVisible();
  expect(sent.filter((url) => url.includes(link.split('#')[1] ?? link))).toEqual([]);
  await expect(noor.getByRole('link', { name: 'API keys' })).toBeHidden();

  // A used link is no longer valid, and neither is a withdrawn one.
  const late = await newBrowserPage(browser, egress.url);
  await late.goto(link);
  await expect(late.getByRole('heading', { name: 'This link is no longer valid' })).toBeVisible();
  const withdrawn = await invite(page, 'ben@example.com', 'Owner');
  await page.getByRole('button', { name: 'Withdraw: ben@example.com' }).click();
  await page.getByRole('button', { name: 'Withdraw', exact: true }).click();
  await expect(page.getByRole('row', { name: /ben@example\.com/ })).toBeHidden();
  await late.goto('/login');
  await late.goto(withdrawn);
  await expect(late.getByRole('heading', { name: 'This link is no longer valid' })).toBeVisible();

  // The open tab shows the new role without a reload.
  await page.reload();
  await expect(row).toContainText('Noor Haddad');
  await row.getByRole('combobox', { name: `Role of ${email}` }).click();
  await page.getByRole('option', { name: 'Exporter' }).click();
  await expect(noor.getByRole('link', { name: 'API keys' })).toBeVisible();

  // The owner ends the sessions. The open tab asks for the password.
  await row.getByRole('button', { name: `Sessions: ${email}` }).click();
  const sessions = page.getByRole('dialog', { name: 'Sessions of Noor Haddad' });
  await expect(sessions.getByRole('listitem')).toContainText('Chrome on Windows');
  await sessions.getByRole('button', { name: 'End all' }).click();
  await expect(sessions.getByText('No sessions: not logged in anywhere.')).toBeVisible();
  await page.keyboard.press('Escape');
  const again = noor.getByRole('dialog', { name: 'Log in to continue' });
  await again.getByLabel('Password', { exact: true }).fill(password);
  await again.getByRole('button', { name: 'Log in' }).click();
  await expect(again).toBeHidden();

  // An admin of one tenant joins another tenant by logging in.
  await page.goto('/t/northgate/members');
  const second = await invite(page, email, 'Viewer');
  await late.goto('/login');
  await late.goto(second);
  await late.getByText('Log in and accept').click();
  await late.getByLabel('Password', { exact: true }).fill(password);
  await late.getByRole('button', { name: 'Log in' }).click();
  await expect(late).toHaveURL(/\/t\/northgate\/users/);
  await expect(late.getByRole('heading', { name: 'Users', level: 1 })).toBeVisible();
  await late.context().close();

  // A removed member loses this tenant, and keeps the other one.
  await page.goto('/t/meridian/members');
  await row.getByRole('button', { name: `Remove: ${email}` }).click();
  await expect(row).toContainText('Their role, API keys and sessions in this tenant are removed permanently.');
  await row.getByRole('button', { name: 'Remove', exact: true }).click();
  await expect(row).toBeHidden();
  await expect(noor.getByRole('heading', { name: 'Page not found' })).toBeVisible();
  await noor.goto('/t/northgate/users');
  await expect(noor.getByRole('heading', { name: 'Users', level: 1 })).toBeVisible();
  await noor.context().close();

  await page.goto('/t/meridian/audit-log?what=admins');
  for (const action of ['Invited a member', 'Accepted an invitation', 'Changed a role', 'Removed a member'])
    await expect(page.getByRole('row', { name: new RegExp(action) }).first()).toBeVisible();
});
