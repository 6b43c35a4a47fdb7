import type { Page } from '@playwright/test';
import { type Egress, expect, logIn } from '../egress';
import { openDialog, setFeatures } from '../steps';
import { completeJob } from './jobs';
import { british, change, filtered, hold, refuse, visit, walk } from './walk';

let job: Awaited<ReturnType<typeof completeJob>>;

async function prepare(page: Page, egress: Egress): Promise<void> {
  await logIn(page, egress);
  job = await completeJob(page);
}

/** Opens the export dialog of an address, and waits for the figures of the file. */
async function open(page: Page, path = 'users') {
  await visit(page, path);
  const dialog = await openDialog(page);
  await expect(dialog.getByRole('button', { name: /^Export [\d,]+ users?/ })).toBeVisible();
  return dialog;
}

/** Opens the export dialog and checks these cards; it unchecks that of the attributes. */
async function choose(page: Page, ...cards: string[]) {
  const dialog = await open(page);
  for (const name of cards) {
    const card = dialog.getByRole('checkbox', { name, exact: true });
    await card.setChecked(name !== 'Attributes');
  }
  return dialog;
}

const events = { async: true, events: true };

walk('the export dialog', prepare, () => [
  { name: 'the export dialog', open: (page) => open(page) },
  { name: 'the export dialog with a filter and a search', open: (page) => open(page, `${filtered(british)}&search=a`) },
  {
    name: 'an export of all columns',
    open: async (page) => {
      await setFeatures(page, events);
      const dialog = await choose(page, 'Extended Profiles', 'Foreign Keys', 'Grants', 'State events');
      await expect(dialog.getByLabel('State events from', { exact: true })).toBeEditable();
    },
  },
  {
    name: 'an export of profiles alone',
    open: async (page) => {
      const dialog = await choose(page, 'Attributes', 'Extended Profiles');
      await expect(dialog.getByText('Always on without Attributes.')).toBeVisible();
    },
  },
  {
    name: 'an export of nothing',
    open: async (page) => {
      const dialog = await open(page);
      for (const card of await dialog.getByRole('group', { name: 'Include' }).getByRole('checkbox').all())
        await card.setChecked(false);
      await dialog.getByRole('button', { name: /^Export/ }).click();
      await expect(dialog.getByRole('alert').first()).toContainText('Choose at least one');
    },
  },
  {
    name: 'an impossible range of state events',
    open: async (page) => {
      await setFeatures(page, events);
      const dialog = await choose(page, 'State events');
      await dialog.getByLabel('State events from', { exact: true }).fill('soon');
      await dialog.getByLabel('State events to', { exact: true }).focus();
      await expect(dialog.getByRole('group', { name: 'Options of State events' }).getByRole('alert')).toBeVisible();
    },
  },
  {
    name: 'a compressed file for programs',
    open: async (page) => {
      const dialog = await open(page);
      await dialog.getByText('RFC 4180', { exact: true }).click();
      await dialog.getByText('zstd', { exact: true }).click();
      await expect(dialog.getByText(/^A little smaller still/)).toBeVisible();
    },
  },
  {
    name: 'the user stores of the export dialog',
    open: async (page) => {
      const dialog = await open(page);
      await dialog.getByRole('combobox', { name: 'User store' }).click();
      await expect(page.getByRole('option').filter({ visible: true }).first()).toBeVisible();
    },
  },
  {
    name: 'the commands of the export dialog',
    open: async (page) => {
      const dialog = await open(page);
      await dialog.getByRole('button', { name: 'Copy as' }).click();
      await expect(page.getByRole('menuitem', { name: 'Copy as cURL' })).toBeVisible();
    },
  },
  {
    name: 'the filter over the export dialog',
    open: async (page) => {
      const dialog = await open(page, filtered(british));
      await dialog.getByRole('button', { name: 'Edit the filter' }).click();
      await expect(page.getByRole('dialog', { name: 'Filter users' })).toBeVisible();
    },
  },
  {
    name: 'a changed search that Escape would lose',
    open: async (page) => {
      const dialog = await open(page, 'users?search=a');
      await dialog.getByRole('textbox', { name: 'Search email, name or ID' }).fill('b');
      await page.keyboard.press('Escape');
      await expect(dialog.getByText(/^You changed the users to export/)).toBeVisible();
    },
  },
  {
    name: 'an export in this tab',
    open: async (page) => {
      await change(page, '**/v4/features', (features: object) => ({
        ...features,
        'feature.asyncUserExport.enabled': false,
      }));
      const dialog = await open(page);
      await expect(dialog.getByText('Runs in this tab: keep it open until the export finishes.')).toBeVisible();
    },
  },
  {
    name: 'the export dialog while an export runs',
    open: async (page) => {
      await visit(page, 'users');
      const dialog = await openDialog(page);
      await page.route('**/v4/user-export-jobs', (route) =>
        route.fulfill({
          status: 409,
          contentType: 'application/problem+json',
          json: {
            status: 409,
            code: 'export_running',
            title: 'Conflict',
            detail: 'An export is running.',
            jobId: job.jobId,
          },
        }),
      );
      await dialog.getByRole('button', { name: /^Export [\d,]+ users$/ }).click();
      await expect(dialog.getByRole('alert')).toBeVisible();
    },
  },
  {
    name: 'figures and rows that could not be loaded',
    open: async (page) => {
      await refuse(page, '**/v4/user-export-previews*', 400);
      await visit(page, 'users');
      const dialog = await openDialog(page);
      await expect(dialog.getByRole('alert').first()).toBeVisible();
    },
  },
  {
    name: 'figures and rows while they are loaded',
    open: async (page) => {
      await hold(page, '**/v4/user-export-previews*');
      await visit(page, 'users');
      await expect((await openDialog(page)).getByText('Include')).toBeVisible();
    },
  },
  {
    name: 'an export of a filter that nobody matches',
    open: async (page) => {
      await visit(page, filtered({ field: 'attributes.city', operator: 'is', value: 'Nowhere' }));
      await openDialog(page);
    },
  },
]);
