import type { Page } from '@playwright/test';
import { expect, logIn, meridian, test } from './egress';

/** Runs an export over the API, without asking for links to its files. Returns the id of the job. */
async function runExport(page: Page, definition: unknown): Promise<string> {
  const started = await page.request.post('/v4/user-export-jobs', { ...meridian, data: definition });
  expect(started.status()).toBe(202);
  const { jobId } = await started.json();
  await expect(async () => {
    const job = await (await page.request.get(`/v4/user-export-jobs/${jobId}?links=false`, meridian)).json();
    expect(job.status).toBe('completed');
  }).toPass({ timeout: 60_000 });
  return jobId;
}

/** Returns the number of audit records of a kind. */
async function audited(page: Page, kind: string): Promise<number> {
  const answer = await page.request.get(`/v4/audit-log?kind=${kind}`, meridian);
  return (await answer.json()).results.length;
}

const inCountry = (value: string) => ({
  include: { attributes: true },
  users: { filter: { combinator: 'and', rules: [{ field: 'attributes.country', operator: 'is', value }] } },
});

test('the timeline shows who downloaded and when, and looking gives no link', async ({ page, egress }) => {
  await logIn(page, egress);
  const jobId = await runExport(page, inCountry('GB'));
  await page.goto('/t/meridian/exports');
  await page.getByRole('link', { name: 'Country is GB' }).click();
  const timeline = page.getByRole('region', { name: 'Timeline' });
  await expect(timeline.getByText('Completed', { exact: true })).toBeVisible();
  expect(await audited(page, 'link_given')).toBe(0);
  expect(await audited(page, 'file_downloaded')).toBe(0);

  const download = page.getByRole('button', { name: /^Download \d/ });
  for (const times of [1, 2]) {
    const downloading = page.waitForEvent('download');
    await download.click();
    expect((await downloading).suggestedFilename()).toMatch(/^users_meridian_.*\.csv$/);
    await expect(timeline.getByText(times === 1 ? `By ${egress.email}.` : /2 times, last at /)).toBeVisible();
    expect(await audited(page, 'file_downloaded')).toBe(times);
  }
  await expect(timeline.getByText('Downloaded', { exact: true })).toHaveCount(1);
  expect(await audited(page, 'link_given')).toBe(0);

  // The route alone, as curl -L calls it.
  const redirect = await page.request.get(`/v4/user-export-jobs/${jobId}/files/users/download`, {
    headers: { ...meridian.headers, 'X-Requested-With': 'test' },
    maxRedirects: 0,
  });
  expect(redirect.status()).toBe(302);
});

test('exports are searched and filtered on the server, and the address keeps the filter', async ({ page, egress }) => {
  await logIn(page, egress);
  await runExport(page, inCountry('GB'));
  await runExport(page, inCountry('FR'));
  await page.goto('/t/meridian/exports');
  const french = page.getByRole('link', { name: 'Country is FR' });
  const british = page.getByRole('link', { name: 'Country is GB' });
  await expect(french).toBeVisible();
  await page.getByRole('searchbox').fill('country is gb');
  await expect(french).toBeHidden();
  await expect(british).toBeVisible();
  await expect(page).toHaveURL(/search=country\+is\+gb|search=country%20is%20gb/);
  await page.reload();
  await expect(british).toBeVisible();
  await expect(french).toBeHidden();

  await page.getByText('Cancelled', { exact: true }).click();
  await expect(page.getByRole('heading', { name: 'No cancelled export' })).toBeVisible();
  await expect(page).toHaveURL(/status=cancelled/);
  await page.getByRole('button', { name: 'Show all exports' }).click();
  await expect(french).toBeVisible();
  await expect(page).toHaveURL(/\/exports$/);
});

test('a bar of the last 30 days shows the exports of its day, with the keyboard too', async ({ page, egress }) => {
  await page.setViewportSize({ width: 320, height: 640 });
  await logIn(page, egress);
  await runExport(page, inCountry('GB'));
  await page.goto('/t/meridian/exports');
  const plot = page.getByRole('img', { name: 'Exports of the last 30 days: 1 export, 0 failed' });
  await expect(plot).toBeVisible();
  expect(await page.evaluate('document.documentElement.scrollWidth')).toBe(320);
  await page.getByText('Show as a table').focus();
  await page.keyboard.press('Enter');
  const days = page.getByRole('table', { name: /^Exports of the last 30 days/ }).getByRole('button');
  await expect(days).toHaveCount(30);
  await days.last().focus();
  await page.keyboard.press('Enter');
  await expect(page).toHaveURL(/from=\d{4}-\d\d-\d\d&to=\d{4}-\d\d-\d\d/);
  await expect(page.getByRole('link', { name: 'Country is GB' })).toBeVisible();
  await days.first().click();
  await expect(page.getByRole('heading', { name: 'No matching exports' })).toBeVisible();
  await days.first().click();
  await expect(page).not.toHaveURL(/from=/);
});

test('the settings show what is stored by the day of deletion', async ({ page, egress }) => {
  await logIn(page, egress);
  await runExport(page, inCountry('GB'));
  await page.goto('/t/meridian/settings');
  const plot = page.getByRole('img', { name: /^1 file with .* stored, by the day of deletion$/ });
  await expect(plot).toBeVisible();
});
