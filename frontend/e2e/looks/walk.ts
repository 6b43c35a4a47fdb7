import { createHash } from 'node:crypto';
import AxeBuilder from '@axe-core/playwright';
import type { Page, Route } from '@playwright/test';
import { type Egress, expect, test } from '../egress';
import { switchTheme } from '../steps';

const sizes = { wide: { width: 1440, height: 900 }, narrow: { width: 390, height: 844 } };
const themes = ['light', 'dark'] as const;

// `make soak` looks at every state in both themes at both widths. `make test` takes one state of each test, and
// leaves out the narrow dark look, whose colors the wide one has and whose layout the light one has. With `pictures`,
// every look is kept as a picture in the folder of the test's results, to be looked at by eye.
const pictures = process.env.EGRESS_TEST_LOOKS === 'pictures';
const whole = process.env.EGRESS_TEST_LOOKS === 'all' || pictures;
const sampled = 1; // states of each test; each takes up to a minute on two busy cores
const seed = process.env.EGRESS_TEST_SEED ?? String(Date.now() % 65_536);

/** A state of the console. */
export interface State {
  name: string;
  /** Brings the page to the state, whatever it shows. */
  open: (page: Page, egress: Egress) => Promise<unknown>;
  /** The width of a state that exists at one width only. */
  only?: keyof typeof sizes;
}

/**
 * A test that opens the states, each once, and expects that axe reports nothing in both themes at both widths. It
 * changes theme and width without a reload.
 */
export function walk(title: string, prepare: State['open'], states: () => State[]): void {
  test(`axe finds nothing in the states of ${title}`, async ({ page, egress }) => {
    await prepare(page, egress);
    const opened = chosen(states());
    for (const { name, open, only } of opened) {
      await test.step(name, async () => {
        await page.unrouteAll({ behavior: 'ignoreErrors' });
        await page.context().setOffline(false);
        await page.setViewportSize(sizes[only ?? 'wide']);
        await switchTheme(page, 'light');
        try {
          await open(page, egress);
        } catch (error) {
          expect.soft(String(error), `${name} (EGRESS_TEST_SEED=${seed})`).toBe(''); // the other states are still looked at
          return;
        }
        await expectNothing(page, name, only);
      });
    }
    if (whole) process.stdout.write(`${opened.length} states of ${title}\n`);
  });
}

function chosen(states: State[]): State[] {
  if (whole) return states;
  const order = ({ name }: State) => createHash('sha256').update(`${seed} ${name}`).digest('hex');
  return states.toSorted((a, b) => (order(a) < order(b) ? -1 : 1)).slice(0, sampled);
}

async function expectNothing(page: Page, name: string, only: State['only']): Promise<void> {
  for (const [i, size] of (only ? [only] : (['wide', 'narrow'] as const)).entries()) {
    await page.setViewportSize(sizes[size]);
    // The last theme of one width is the first of the next.
    for (const theme of i === 0 ? themes : themes.toReversed()) {
      if (!whole && size === 'narrow' && theme === 'dark') continue;
      await switchTheme(page, theme);
      await drawn(page);
      if (pictures) {
        const file = `${name} ${size} ${theme}.png`.replaceAll(/[^\w.]+/g, '-');
        await page.screenshot({ path: test.info().outputPath(file), animations: 'disabled' });
        continue;
      }
      const { violations } = await new AxeBuilder({ page }).setLegacyMode().exclude('iframe').analyze();
      const found = violations.map(
        ({ id, nodes }) => `${id}: ${nodes.map(({ html, failureSummary }) => `${html} ${failureSummary}`).join(' | ')}`,
      );
      expect.soft(found, `${name}, ${theme}, ${sizes[size].width} pixels (EGRESS_TEST_SEED=${seed})`).toEqual([]);
    }
  }
}

// Waits until the page has drawn what the new width or theme changed, which scripts of the page may do a frame later.
async function drawn(page: Page): Promise<void> {
  await page.evaluate('new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))');
}

/** Answers the requests to the path with an error of the server. */
export async function refuse(page: Page, path: string | RegExp, status = 500): Promise<void> {
  const json = {
    type: 'urn:egress:problem:internal',
    title: 'Internal error',
    status,
    code: status === 404 ? 'not_found' : 'internal',
    detail: 'The server could not answer.',
    instance: '/',
    requestId: '01M8PMCA000000000000000000',
  };
  await page.route(path, (route) => route.fulfill({ status, contentType: 'application/problem+json', json }));
}

/** Answers the reading requests to the path with this. */
export async function answer(page: Page, path: string | RegExp, json: unknown): Promise<void> {
  await page.route(path, (route) => (isRead(route) ? route.fulfill({ json }) : route.fallback()));
}

/** Changes the server's answers to reading requests to the path. */
export async function change(page: Page, path: string | RegExp, edit: (json: never) => unknown): Promise<void> {
  await page.route(path, async (route) => {
    if (!isRead(route)) return route.fallback();
    const response = await route.fetch();
    await route.fulfill({ response, json: edit((await response.json()) as never) });
  });
}

/** Never answers the requests to the path. */
export async function hold(page: Page, path: string | RegExp): Promise<void> {
  await page.route(path, () => {});
}

function isRead(route: Route): boolean {
  return route.request().method() === 'GET';
}

/** Opens an address of the tenant, and waits until nothing on it is being loaded. */
export async function visit(page: Page, path: string): Promise<void> {
  await page.goto(`/t/meridian/${path}`);
  await expect(page).toHaveURL(/\/t\/meridian\//); // else the page asks for the log-in
  await expect(page.getByRole('heading', { level: 1 })).toBeVisible();
  await expect(page.locator('[aria-busy="true"]')).toHaveCount(0);
}

/** The address of the Users screen with a filter. */
export function filtered(...rules: unknown[]): string {
  return `users?${new URLSearchParams({ filter: JSON.stringify({ combinator: 'and', rules }) })}`;
}

/** A rule that some users of the demo data meet. */
export const british = { field: 'attributes.country', operator: 'is', value: 'GB' };
