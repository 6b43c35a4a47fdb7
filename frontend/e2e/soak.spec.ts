import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { chromium } from '@playwright/test';
import { test as base, expect } from './egress';
import { exportAllUsers, logInToStream, newestJob, removeFilePicker, toasts } from './steps';

// Not part of `make test`: this test needs a MongoDB with millions of users in the database egress_t_meridian, and
// takes minutes.
const source = process.env.EGRESS_SOAK_MONGODB_URI ?? '';
const minimumBytes = Number(process.env.EGRESS_SOAK_BYTES ?? 2_000_000_000);

// An admin's browser has a profile on disk. In a private window the browser keeps its storage in memory.
const test = base.extend<{ profile: string }>({
  // biome-ignore lint/correctness/noEmptyPattern: Playwright reads the names of the required fixtures from the parameter
  profile: async ({}, use) => {
    const dir = await mkdtemp(join(tmpdir(), 'egress-profile-'));
    await use(dir);
    await rm(dir, { recursive: true, force: true });
  },
  context: async ({ profile, launchOptions, baseURL }, use) => {
    const context = await chromium.launchPersistentContext(profile, {
      ...launchOptions,
      acceptDownloads: true,
      ...(baseURL && { baseURL }),
    });
    await use(context);
    await context.close();
  },
  page: async ({ context }, use) => use(await context.newPage()),
});

/** Returns the resident memory of a process, in bytes. */
async function resident(pid: number): Promise<number> {
  const status = await readFile(`/proc/${pid}/status`, 'utf8').catch(() => '');
  return 1024 * Number(/VmRSS:\s+(\d+)/.exec(status)?.[1] ?? 0);
}

/** Returns the resident memory of the browser's largest tab, workers included, in bytes. The profile names the browser. */
async function largestTab(profile: string): Promise<number> {
  const pids = (await readdir('/proc')).filter((name) => /^\d+$/.test(name)).map(Number);
  const of = async (pid: number) => {
    const stat = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => '');
    const line = await readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => '');
    return { pid, parent: Number(stat.slice(stat.lastIndexOf(')')).split(' ')[2]), line };
  };
  const all = await Promise.all(pids.map(of));
  const family = new Set(all.filter(({ line }) => line.includes(profile)).map(({ pid }) => pid));
  for (let before = -1; before !== family.size; ) {
    before = family.size;
    for (const { pid, parent } of all) if (family.has(parent)) family.add(pid);
  }
  const tabs = all.filter(({ pid, line }) => family.has(pid) && line.includes('--type=renderer'));
  return Math.max(0, ...(await Promise.all(tabs.map(({ pid }) => resident(pid)))));
}

test.describe('a large streamed export', () => {
  test.skip(source === '', 'EGRESS_SOAK_MONGODB_URI names no MongoDB');
  test.setTimeout(3_600_000);
  test.use({ users: 10, env: { EGRESS_USERS_MONGODB_URI: source } });

  test('does not grow the memory of the server and of the tab', async ({ page, egress, context, profile }) => {
    await removeFilePicker(context);
    await logInToStream(page, egress);

    const downloading = page.waitForEvent('download', { timeout: 3_000_000 });
    await exportAllUsers(page);
    const server: number[] = [];
    const tab: number[] = [];
    let sample = Promise.resolve();
    const sampling = setInterval(() => {
      sample = sample.then(async () => {
        server.push(await resident(egress.pid()));
        tab.push(await largestTab(profile));
      });
    }, 1000);
    const broken = toasts(page).getByText('Export failed. Please try again.').waitFor({ timeout: 3_000_000 });
    const download = await Promise.race([downloading, broken.then(() => null)]);
    clearInterval(sampling);
    await sample;
    expect(download, await toasts(page).innerText()).not.toBeNull();
    await expect(toasts(page).getByText('Export complete!')).toBeVisible();
    const [file] = (await newestJob(page)).files;
    const hash = createHash('sha256');
    for await (const part of createReadStream((await download?.path()) ?? '')) hash.update(part);
    expect(hash.digest('hex')).toBe(file?.sha256);
    expect(file?.bytes).toBeGreaterThan(minimumBytes);

    const mb = (bytes: number) => Math.round(bytes / 1e6);
    const halves = (samples: number[]) => {
      const half = Math.ceil(samples.length / 2);
      return { early: Math.max(...samples.slice(0, half)), late: Math.max(...samples.slice(half)) };
    };
    const served = halves(server);
    const shown = halves(tab);
    process.stdout.write(
      `${mb(file?.bytes ?? 0)} MB, ${file?.rows} rows in ${server.length} s; server at most ${mb(served.early)} MB in the first ` +
        `half, ${mb(served.late)} MB in the second; tab at most ${mb(shown.early)} MB and ${mb(shown.late)} MB\n`,
    );
    expect(served.late, 'memory of the server').toBeLessThan(served.early * 1.1 + 10e6);
    expect(shown.late, 'memory of the tab').toBeLessThan(shown.early * 1.2 + 50e6);
  });
});
