import type { Page } from '@playwright/test';
import { type Egress, expect, logIn } from '../egress';
import { setFeatures, toasts, withoutSocket } from '../steps';
import { completeJob, jobPages, live, variants } from './jobs';
import { answer, hold, refuse, visit, walk } from './walk';

const list = '**/v4/user-export-jobs?*';
let job: Awaited<ReturnType<typeof completeJob>>;
const made = () => variants(job);
const of = (name: string) => made()[name] ?? job;

async function prepare(page: Page, egress: Egress): Promise<void> {
  await withoutSocket(page);
  await logIn(page, egress);
  job = await completeJob(page);
}

walk('the Exports screen', prepare, () => [
  {
    name: 'exports in every state',
    open: async (page) => {
      const results = Object.values(made()).map((one, i) => ({ ...one, jobId: `${one.jobId.slice(0, -2)}${10 + i}` }));
      await answer(page, list, { results, next: 'more' });
      await visit(page, 'exports');
      await expect(page.getByRole('row').nth(5)).toBeVisible();
    },
  },
  {
    name: 'the days of the exports as a table',
    open: async (page) => {
      await visit(page, 'exports');
      await page.getByText('Show as a table').click();
      await expect(page.getByRole('table', { name: /^Exports of the last 30 days/ })).toBeVisible();
    },
  },
  {
    name: 'the menu of an export',
    open: async (page) => {
      await visit(page, 'exports');
      await page
        .getByRole('button', { name: /^More for / })
        .first()
        .click();
      await expect(page.getByRole('menuitem', { name: 'Open' })).toBeVisible();
    },
  },
  {
    name: 'an export to cancel',
    open: async (page) => {
      await answer(page, list, { results: [of('running')], next: null });
      await visit(page, 'exports');
      await page.getByRole('button', { name: /^Cancel: / }).click();
      await expect(page.getByRole('group', { name: 'Cancel this export?' })).toBeVisible();
    },
  },
  {
    name: 'a filter that no export matches',
    open: async (page) => {
      await visit(page, 'exports?search=zzzz&status=failed&from=2026-01-01&to=2026-01-31');
      await expect(page.getByRole('button', { name: 'Show all exports' })).toBeVisible();
    },
  },
  {
    name: 'no exports',
    open: async (page) => {
      await answer(page, list, { results: [], next: null });
      await visit(page, 'exports');
      await expect(page.getByRole('link', { name: 'Go to users' })).toBeVisible();
    },
  },
  {
    name: 'no exports of one’s own',
    open: async (page) => {
      await answer(page, list, { results: [], next: null });
      await visit(page, 'exports?requester=me');
      await expect(page.getByText('You have not exported anything here')).toBeVisible();
    },
  },
  {
    name: 'exports that could not be loaded',
    open: async (page) => {
      await refuse(page, list, 400);
      await visit(page, 'exports');
      await expect(page.getByText('The exports could not be loaded')).toBeVisible();
    },
  },
  {
    name: 'exports while they are loaded',
    open: async (page) => {
      await hold(page, list);
      await page.goto('/t/meridian/exports');
      await expect(page.getByRole('heading', { name: 'Exports', level: 1 })).toBeVisible();
    },
  },
]);

walk('the page of an export', prepare, () => [
  ...jobPages(job),
  {
    name: 'the menu of a job',
    open: async (page) => {
      await visit(page, `exports/${job.jobId}`);
      await page.getByRole('button', { name: 'More', exact: true }).click();
      await expect(page.getByRole('menuitem', { name: 'Copy link' })).toBeVisible();
    },
  },
  {
    name: 'a job to cancel',
    open: async (page) => {
      await answer(page, `**/v4/user-export-jobs/${job.jobId}*`, of('running'));
      await visit(page, `exports/${job.jobId}`);
      await page.getByRole('button', { name: 'Cancel', exact: true }).click();
      await expect(page.getByRole('group', { name: 'Cancel this export?' })).toBeVisible();
    },
  },
  {
    name: 'an export that does not exist',
    open: async (page) => {
      await visit(page, 'exports/01JDB7V2M9QKX3W8ZP5T6R4NHE');
      await expect(page.getByText('Export not found')).toBeVisible();
    },
  },
]);

walk('the toasts', prepare, () => [
  ...Object.entries(made()).map(([name, one]) => ({
    name: `the toast of an export: ${name}`,
    open: async (page: Page) => {
      await live(page, [one]);
      const toast = toasts(page).getByRole('article');
      await expect(toast).toBeVisible();
      await toast.hover(); // a toast that closes by itself stays
      const details = toast.getByRole('button', { name: /^Show details/ });
      if (await details.isVisible()) await details.click();
    },
  })),
  {
    name: 'a toast that asks whether to cancel',
    open: async (page) => {
      await live(page, [of('running')]);
      await toasts(page)
        .getByRole('button', { name: /^Show details/ })
        .click();
      await toasts(page)
        .getByRole('button', { name: /^Cancel export/ })
        .click();
      await expect(toasts(page).getByText('Cancel this export?')).toBeVisible();
    },
  },
  {
    name: 'several toasts, the older ones folded',
    open: async (page) => {
      await live(page, [of('completed'), of('failed'), of('completed'), of('running')]);
      await expect(toasts(page).getByText(/exports have ended/)).toBeVisible();
    },
  },
  {
    name: 'exports that are ready',
    open: async (page) => {
      await live(page, [of('completed'), of('completed'), of('completed')]);
      await expect(toasts(page).getByText('2 exports are ready')).toBeVisible();
    },
  },
  {
    name: 'state events that are not saved yet',
    open: async (page) => {
      await setFeatures(page, { async: false, events: true });
      await page.addInitScript(() => Reflect.deleteProperty(globalThis, 'showSaveFilePicker'));
      await visit(page, 'users');
      await page.getByRole('button', { name: 'Export users' }).click();
      const dialog = page.getByRole('dialog', { name: 'Export users' });
      await dialog.getByRole('checkbox', { name: 'State events' }).check();
      await dialog.getByRole('button', { name: /^Export [\d,]+ users/ }).click();
      await expect(toasts(page).getByRole('button', { name: /^Save state events/ })).toBeVisible({ timeout: 20_000 });
    },
  },
]);
