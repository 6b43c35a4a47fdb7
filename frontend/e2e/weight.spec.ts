import type { Page } from '@playwright/test';
import { expect, logIn, test } from './egress';
import { quietNetwork } from './steps';

// Bytes of scripts that a first visit loads, as they are sent.
const mostForLogin = 104_000;
const mostForUsers = 166_000; // with the code that is loaded after the rows

// Returns what the page has loaded of scripts since its address was opened, in bytes.
async function scriptBytes(page: Page): Promise<number> {
  await quietNetwork(page); // code that is loaded early for later counts as well
  return page.evaluate(() =>
    performance
      .getEntriesByType('resource')
      .filter((entry) => new URL(entry.name).pathname.endsWith('.js'))
      .reduce((sum, entry) => sum + (entry as unknown as { encodedBodySize: number }).encodedBodySize, 0),
  );
}

test('a first visit logs in without a failed request, and loads little code', async ({ page, egress, browser }) => {
  const refused: string[] = [];
  const scripts: string[] = [];
  page.on('request', (request) => {
    if (request.resourceType() === 'script') scripts.push(new URL(request.url()).pathname);
  });
  page.on('response', (response) => {
    if (response.status() >= 400) refused.push(`${response.status()} ${new URL(response.url()).pathname}`);
  });
  await page.goto('/');
  await expect(page.getByRole('heading', { name: 'Log in' })).toBeVisible();
  const login = await scriptBytes(page);
  expect(login).toBeGreaterThan(50_000); // the sizes are known
  expect(login).toBeLessThanOrEqual(mostForLogin);
  expect(refused).toEqual([]);
  expect(scripts.filter((name) => /\/(?:console|router)-/.test(name))).toEqual([]); // nor did "/" load the console

  await logIn(page, egress);
  const visit = await browser.newContext({ storageState: await page.context().storageState(), baseURL: egress.url });
  const users = await visit.newPage();
  await users.goto('/t/meridian/users');
  await expect(users.getByRole('row').nth(1)).toBeVisible();
  expect(await scriptBytes(users)).toBeLessThanOrEqual(mostForUsers);
  await visit.close();
});

test('a style sheet inside a document is not loaded again by what needs it later', async ({ page, egress }) => {
  await logIn(page, egress);
  const sheets: string[] = [];
  page.on('request', (request) => {
    if (request.resourceType() === 'stylesheet') sheets.push(new URL(request.url()).pathname);
  });
  await page.goto('/t/meridian/users');
  const inside = page.locator('link[rel=stylesheet][disabled]');
  const hrefs = await inside.evaluateAll((links) => links.map((link) => link.getAttribute('href') ?? ''));
  expect(hrefs.length).toBeGreaterThan(2);
  await page.getByRole('button', { name: 'Export users' }).click();
  await expect(page.getByRole('dialog').getByRole('cell').first()).toBeVisible();
  await page.keyboard.press('Escape');
  await page.getByRole('link', { name: 'Exports' }).click();
  await expect(page.getByRole('heading', { name: 'Exports', level: 1 })).toBeVisible();
  await page.getByRole('link', { name: 'Users', exact: true }).click();
  await expect(page.getByRole('row').nth(1)).toBeVisible();
  await quietNetwork(page);
  expect(sheets.length).toBeGreaterThan(1);
  expect(sheets.filter((sheet) => hrefs.includes(sheet))).toEqual([]);
});

test('a page without a session leads to the log-in and back, also where storage is forbidden', async ({
  page,
  egress,
}) => {
  await page.addInitScript(() => {
    Object.defineProperty(globalThis, 'localStorage', {
      get: () => {
        throw new DOMException('forbidden', 'SecurityError');
      },
    });
  });
  await page.goto('/t/meridian/exports');
  await expect(page).toHaveURL(/\/login\?return=/);
  await page.getByLabel('Email address').fill(egress.email);
  await page.getByLabel('Password', { exact: true }).fill(egress.password);
  await page.getByRole('button', { name: 'Log in' }).click();
  await expect(page.getByRole('heading', { name: 'Exports', level: 1 })).toBeVisible();
});
