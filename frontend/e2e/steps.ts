import { readFile } from 'node:fs/promises';
import type { Download, Page } from '@playwright/test';
import { expect } from './egress';

/** The toast stack. */
export const toasts = (page: Page) => page.getByRole('region', { name: 'Your exports' });

/** Opens the export dialog of the users screen. */
export async function openDialog(page: Page) {
  await page.getByRole('button', { name: 'Export users' }).click();
  const dialog = page.getByRole('dialog', { name: 'Export users' });
  await expect(dialog).toBeVisible();
  return dialog;
}

/** Starts an export of everybody from the users screen. */
export async function exportEverybody(page: Page): Promise<void> {
  const dialog = await openDialog(page);
  await dialog.getByRole('button', { name: /^Export [\d,]+ users$/ }).click();
  await expect(dialog).toBeHidden();
}

/** The records of a CSV file without its header: fields may hold line breaks, so lines will not do. */
export async function records(download: Download): Promise<string[][]> {
  const { parse } = await import('csv-parse/sync');
  const text = await readFile(await download.path(), 'utf8');
  return (parse(text, { bom: true }) as string[][]).slice(1);
}
