import { mkdir, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Page } from '@playwright/test';
import { type Egress, expect } from '../e2e/egress';
import { switchTheme } from '../e2e/steps';
import { withPalette } from './indexed-png';

/** The number of users of each demo tenant in the pictures. */
export const demoUsers = 40_000;

/** Many users and one reader: an export takes long enough to show its progress. */
export const slowExports = { users: 120_000, env: { EGRESS_READERS: '1' } };

/** A question of a subscription business: whose subscriptions in Great Britain have all ended? */
export const lapsed = {
  combinator: 'and',
  rules: [inCountry('GB'), withSubscriptions('all', 'grant.expiry_state', 'expired')],
};

/** Returns a rule on the country. */
export function inCountry(value: string) {
  return { field: 'attributes.country', operator: 'is', value };
}

/** Returns a group on subscriptions with one rule. */
export function withSubscriptions(quantifier: 'any' | 'none' | 'all', field: string, value: string) {
  return { quantifier, combinator: 'and', rules: [{ field, operator: 'is', value }] };
}

/** Returns the address of the Users screen with a filter. */
export function usersWith(filter: unknown): string {
  return `/t/meridian/users?filter=${encodeURIComponent(JSON.stringify(filter))}`;
}

/** The users of one country, whose first names need no fonts that a machine may lack: no script but Latin, no emoji. */
export const british = usersWith({
  combinator: 'and',
  rules: [inCountry('GB'), { field: 'registered', operator: 'between', from: '2018-01-01', to: null }],
});

/** Waits until the users who match the filter are counted: a number without "about". */
export async function expectExactCount(tab: Page): Promise<void> {
  await expect(tab.locator('dl > div', { hasText: 'match' }).getByRole('definition')).toContainText(/^\d/);
}

/** Writes a file in docs/pictures. */
export async function writePicture(name: string, bytes: Uint8Array): Promise<void> {
  const file = fileURLToPath(new URL(`../../docs/pictures/${name}`, import.meta.url));
  await mkdir(dirname(file), { recursive: true });
  await writeFile(file, bytes);
}

/**
 * Returns the percentage of the export that the tab shows: 0 before the first one, 100 at the end. It waits for nothing,
 * since the server may be paused.
 */
export const shownPercent = (tab: Page) =>
  tab.evaluate<number>(`document.body.innerText.includes('Export complete!') ? 100
    : Number(document.querySelector('[role=progressbar]')?.getAttribute('aria-valuenow') ?? 0)`);

/** Stops the server where it is. Returns a function that lets it continue. */
export function pause(egress: Egress): () => void {
  process.kill(egress.pid(), 'SIGSTOP');
  return () => process.kill(egress.pid(), 'SIGCONT');
}

/** Writes the window as docs/pictures/NAME-light.png and NAME-dark.png, without the pointer and without skeletons. */
export async function takePictures(page: Page, name: string): Promise<void> {
  await page.mouse.move(0, 0);
  for (const theme of ['light', 'dark'] as const) {
    await switchTheme(page, theme);
    await expect(page.locator('.mantine-Skeleton-root, [aria-busy=true]')).toHaveCount(0);
    const png = withPalette(await page.screenshot({ animations: 'disabled', caret: 'hide' }));
    expect(png.length, `bytes of ${name}, ${theme}`).toBeLessThan(200_000);
    await writePicture(`${name}-${theme}.png`, png);
  }
}
