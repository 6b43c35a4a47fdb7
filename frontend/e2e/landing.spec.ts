import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import type { Page } from '@playwright/test';
import { type Egress, expect, test } from './egress';

// Whatever a test does, the page may not break the content security policy, throw, or ask another host.
test.beforeEach(async ({ page, egress }) => {
  page.on('pageerror', (error) => expect.soft(error.message, 'uncaught error').toBe(''));
  page.on('console', (message) => {
    if (/content security policy/i.test(message.text())) expect.soft(message.text()).toBe('');
  });
  page.on('request', (request) => {
    const { protocol, origin } = new URL(request.url());
    if (protocol.startsWith('http')) expect.soft(origin, 'host of a request').toBe(egress.url);
  });
});

async function logIn(page: Page, { email, password }: Egress): Promise<void> {
  await page.goto('/');
  await page.getByLabel('Email address').fill(email);
  await page.getByLabel('Password').fill(password);
  await page.getByRole('button', { name: 'Log in' }).click();
  await expect(page.getByRole('heading', { name: 'Exports', exact: true })).toBeVisible();
}

test('a wrong password is refused, and the field is ready for another', async ({ page, egress }) => {
  await page.goto('/');
  await page.getByLabel('Email address').fill(egress.email);
  await page.getByLabel('Password').fill(`${egress.password}x`);
  await page.getByRole('button', { name: 'Log in' }).click();
  await expect(page.getByRole('alert')).not.toBeEmpty();
  await expect(page.getByLabel('Password')).toBeFocused();
  await expect(page.getByLabel('Password')).toHaveValue('');
});

test('an export that is started over the API appears, completes without a reload, and downloads whole', async ({
  page,
  egress,
}) => {
  await logIn(page, egress);
  await expect(page.getByText(egress.email)).toBeVisible();
  await expect(page.getByText('Live', { exact: true })).toBeVisible();

  const started = await page.request.post('/v4/user-export-jobs', {
    data: { include: { attributes: true, grants: true } },
  });
  expect(started.status()).toBe(202);
  const { jobId, words } = await started.json();

  const row = page.locator(`[data-job="${jobId}"]`);
  await expect(row).toContainText(words);
  await expect(row).toContainText('Completed');

  const downloading = page.waitForEvent('download');
  await row.getByRole('button', { name: 'Download' }).click();
  const download = await downloading;
  const body = await readFile(await download.path());

  const job = await (await page.request.get(`/v4/user-export-jobs/${jobId}`)).json();
  const [file] = job.files;
  expect(download.suggestedFilename()).toBe(file.name);
  expect(body.length).toBe(file.bytes);
  expect(createHash('sha256').update(body).digest('hex')).toBe(file.sha256);
  expect(body.toString('utf8', 0, 8)).toBe('user_id,');
});

test('logging out ends the session in every tab', async ({ page, egress, context }) => {
  await logIn(page, egress);
  const other = await context.newPage();
  await other.goto('/');
  await expect(other.getByText('Live', { exact: true })).toBeVisible();

  await page.getByRole('button', { name: 'Log out' }).click();
  await expect(page.getByRole('heading', { name: 'Log in' })).toBeVisible();
  await expect(other.getByText('Your session has ended.')).toBeVisible();
});

test('the API reference is drawn from the document that the server answers', async ({ page }) => {
  await page.goto('/docs/api/');
  await expect(page.getByRole('heading', { name: /Egress API/ })).toBeVisible();
  await page.getByText('/v4/user-export-jobs', { exact: true }).first().click();
  await expect(page.getByText('The job was accepted.')).toBeVisible();
});
