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

/** A job, as far as the tests look at it. */
export interface Job {
  jobId: string;
  status: string;
  mode: string;
  definition: unknown;
  progress: { users: { users: number; usersTotal: number } };
  files: { kind: string; name: string; bytes: number; rows: number; sha256: string; downloadUrl: string | null }[];
}

/** Switches what the tenant has, as its owner. */
export async function features(page: Page, on: { async: boolean; events: boolean }): Promise<void> {
  for (const [key, enabled] of [
    ['feature.asyncUserExport.enabled', on.async],
    ['feature.stateEventsExport.enabled', on.events],
  ] as const)
    expect((await page.request.put(`/v4/features/${key}`, { data: { enabled } })).status()).toBe(200);
}

/** The newest job of the tenant. */
export async function newestJob(page: Page): Promise<Job> {
  return (await (await page.request.get('/v4/user-export-jobs?limit=1')).json()).results[0];
}

/** Runs a definition over the API in the background, and returns the job with its files' bytes, by kind. */
export async function stored(page: Page, definition: unknown): Promise<{ job: Job; files: Map<string, Buffer> }> {
  const started = await page.request.post('/v4/user-export-jobs', { data: definition });
  expect(started.status()).toBe(202);
  const { jobId } = await started.json();
  let job: Job | undefined;
  await expect(async () => {
    job = await (await page.request.get(`/v4/user-export-jobs/${jobId}`)).json();
    expect(job?.status).toBe('completed');
  }).toPass({ timeout: 180_000 });
  const files = new Map<string, Buffer>();
  for (const { kind, downloadUrl } of job?.files ?? [])
    files.set(kind, await (await page.request.get(downloadUrl ?? '')).body());
  return { job: job as Job, files };
}

/** The records of a CSV file without its header: fields may hold line breaks, so lines will not do. */
export async function records(download: Download): Promise<string[][]> {
  const { parse } = await import('csv-parse/sync');
  const text = await readFile(await download.path(), 'utf8');
  return (parse(text, { bom: true }) as string[][]).slice(1);
}
