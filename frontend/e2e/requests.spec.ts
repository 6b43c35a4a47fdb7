import type { Page, Request } from '@playwright/test';
import { expect, logIn, submitCredentials, test } from './egress';
import { exportOverApi, quietNetwork } from './steps';

// What the frame of every page of a tenant asks: who is logged in, and the live jobs of the toasts until the socket
// reports them.
const frame = ['GET /v4/me', 'GET /v4/user-export-jobs?limit=20&requester=me'];

const gb = JSON.stringify({ combinator: 'and', rules: [{ field: 'attributes.country', operator: 'is', value: 'GB' }] });
const users = ['GET /v4/user-schema', 'GET /v4/user-stores'];

// The requests of each screen, in any order. A screen asks for what it shows, and nothing else.
const screens: { name: string; path: string; title: string; requests: string[] }[] = [
  {
    name: 'Users',
    path: 'users',
    title: 'Users',
    requests: [...users, 'GET /v4/users?store=all&limit=25', 'GET /v4/figures?store=all&timeZone=UTC'],
  },
  {
    name: 'Users with a filter',
    path: `users?${new URLSearchParams({ filter: gb })}`,
    title: 'Users',
    requests: [
      ...users,
      `GET /v4/users?store=all&limit=25&filter=${gb}`,
      'GET /v4/figures?store=all&timeZone=UTC',
      'POST /v4/user-counts?estimate=true',
    ],
  },
  {
    name: 'Exports',
    path: 'exports',
    title: 'Exports',
    requests: ['GET /v4/user-export-jobs?limit=50', 'GET /v4/export-days?timeZone=UTC'],
  },
  { name: 'Outbox', path: 'outbox', title: 'Outbox', requests: ['GET /v4/outbox?limit=50'] },
  { name: 'API keys', path: 'key-pairs', title: 'API keys', requests: ['GET /v4/key-pairs'] },
  { name: 'Members', path: 'members', title: 'Members', requests: ['GET /v4/admins'] },
  { name: 'Activity', path: 'audit-log', title: 'Activity', requests: ['GET /v4/audit-log?limit=50'] },
  {
    name: 'Settings',
    path: 'settings',
    title: 'Settings',
    requests: [
      'GET /v4/features',
      'GET /v4/settings',
      'GET /v4/account/sessions',
      'GET /v4/user-stores',
      'GET /v4/kept-file-days?timeZone=UTC',
    ],
  },
];

for (const { name, path, title, requests } of screens) {
  test(`${name} asks for what it shows`, async ({ page, egress }) => {
    await logIn(page, egress);
    await page.goto('about:blank'); // ends what the screen after the log-in still asks
    const asked = recordRequests(page);
    await page.goto(`/t/meridian/${path}`);
    await expect(page.getByRole('heading', { name: title, level: 1 })).toBeVisible();
    const expected = [...frame, ...requests].sort();
    await expect.poll(() => asked().sort()).toEqual(expected);
    await quietNetwork(page);
    expect(asked().sort()).toEqual(expected);
  });
}

// The first requests of a screen are made while its scripts load (start.js), and the screen takes their answers: each is
// made once. With another time zone than UTC, whose name is encoded in the address.
test.describe('in a time zone with a slash in its name', () => {
  test.use({ timezoneId: 'Europe/London' });
  for (const { path, request } of [
    { path: 'exports', request: 'GET /v4/export-days?timeZone=Europe/London' },
    { path: 'settings', request: 'GET /v4/kept-file-days?timeZone=Europe/London' },
  ]) {
    test(`${path} asks once`, async ({ page, egress }) => {
      await logIn(page, egress);
      await page.goto('about:blank');
      const asked = recordRequests(page);
      await page.goto(`/t/meridian/${path}`);
      await expect(page.getByRole('heading', { level: 1 })).toBeVisible();
      await quietNetwork(page);
      expect(asked().filter((name) => name === request)).toEqual([request]);
      expect(new Set(asked()).size).toBe(asked().length);
    });
  }
});

test('the first data is asked for while the scripts load, and shown when they are there', async ({ page, egress }) => {
  await logIn(page, egress);
  await page.goto('about:blank');
  const asked = recordRequests(page);
  let release = () => {};
  const released = new Promise<void>((resolve) => {
    release = resolve;
  });
  await page.route('**/assets/react-*.js', async (route) => {
    await released;
    await route.continue();
  });
  await page.goto('/t/meridian/users', { waitUntil: 'commit' });
  const first = ['GET /v4/me', 'GET /v4/users?store=all&limit=25', ...users].sort();
  await expect.poll(() => asked().sort()).toEqual(first);
  release();
  await expect(page.getByRole('row')).toHaveCount(26);
  await quietNetwork(page);
  expect(
    asked()
      .filter((name) => first.includes(name))
      .sort(),
  ).toEqual(first);
});

test('the account and a job are asked for once', async ({ page, egress }) => {
  await logIn(page, egress);
  const { job } = await exportOverApi(page, { include: { attributes: true } });
  for (const [path, requests] of [
    ['/account', ['GET /v4/account', 'GET /v4/account/sessions']],
    [`/t/meridian/exports/${job.jobId}`, [`GET /v4/user-export-jobs/${job.jobId}`]],
  ] as const) {
    await page.goto('about:blank');
    const asked = recordRequests(page);
    await page.goto(path);
    await expect(page.getByRole('heading', { level: 1 })).toBeVisible();
    await quietNetwork(page);
    for (const request of ['GET /v4/me', ...requests])
      expect(asked().filter((name) => name === request)).toEqual([request]);
  }
});

test('the Users screen asks for its rows first, and counts stores in the open picker only', async ({
  page,
  egress,
}) => {
  const beforeRows: string[] = [];
  const asked = recordRequests(page);
  const others = Promise.all(
    users.map((wanted) => page.waitForResponse((answer) => nameOf(answer.request()) === wanted)),
  );
  await page.route('**/v4/users?*', async (route) => {
    const answer = await route.fetch();
    await others;
    await expect(page.getByRole('table', { name: 'Users' })).toHaveAttribute('aria-busy', 'true'); // the screen is there
    beforeRows.push(...asked());
    await route.fulfill({ response: answer });
  });
  await page.goto('/t/meridian/users');
  await submitCredentials(page, egress);
  await expect(page.getByText('users in all user stores')).toBeVisible();
  await expect(page.getByRole('definition').first()).toHaveText('500');
  expect(beforeRows.filter((name) => /figures|counts/.test(name))).toEqual([]);

  const counts = () => asked().filter((name) => name.includes('/v4/user-counts'));
  expect(counts()).toEqual([]);
  await page.getByRole('button', { name: /^User store/ }).click();
  const options = page.getByRole('listbox', { name: 'User stores' }).getByRole('option');
  await expect(options.first()).toContainText('500');
  expect(counts()).toHaveLength(await options.count());
});

test('a count that took too long is not repeated, and says so', async ({ page, egress }) => {
  let figures = 0;
  await page.route('**/v4/figures?*', async (route) => {
    figures++;
    await route.fulfill({
      status: 503,
      contentType: 'application/problem+json',
      body: JSON.stringify({ code: 'timeout', title: 'Response took too long', detail: 'The response took too long.' }),
    });
  });
  await logIn(page, egress);
  await expect(page.getByText('Not counted').first()).toBeVisible(); // shown after the last retry
  await expect(page.getByRole('row')).toHaveCount(26);
  expect(figures).toBe(1);
});

// Records the API's requests that the page sends from now on. Returns their names so far.
function recordRequests(page: Page): () => string[] {
  const requests: Request[] = [];
  page.on('request', (request) => requests.push(request));
  return () => requests.map(nameOf).filter((name) => /^[A-Z]+ \/v[34]\//.test(name));
}

function nameOf(request: Request): string {
  const { pathname, search } = new URL(request.url());
  return `${request.method()} ${pathname}${decodeURIComponent(search)}`;
}
