import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { expect, logIn, test } from './egress';
import { exportEverybody, features, newestJob, toasts } from './steps';

// Not part of `make test`: it wants a MongoDB with millions of users, in the database egress_t_meridian, and minutes.
const source = process.env.EGRESS_SOAK_MONGODB_URI ?? '';
const least = Number(process.env.EGRESS_SOAK_BYTES ?? 2_000_000_000);

test.describe('a large streamed export', () => {
  test.skip(source === '', 'EGRESS_SOAK_MONGODB_URI names no MongoDB');
  test.setTimeout(3_600_000);
  test.use({ users: 10, env: { EGRESS_USERS_MONGODB_URI: source } });

  test('leaves the memory of server and tab as it was', async ({ page, egress, context }) => {
    await context.addInitScript(() => Reflect.deleteProperty(globalThis, 'showSaveFilePicker'));
    await logIn(page, egress);
    await features(page, { async: false, events: false });
    const session = await context.newCDPSession(page);
    const heap = async () => (await session.send('Runtime.getHeapUsage')).usedSize;
    const resident = async () =>
      1024 * Number(/VmRSS:\s+(\d+)/.exec(await readFile(`/proc/${egress.pid()}/status`, 'utf8'))?.[1]);

    const downloading = page.waitForEvent('download', { timeout: 3_000_000 });
    await exportEverybody(page);
    await expect(toasts(page).getByText(/^Downloading: /)).toBeVisible();
    const server: number[] = [];
    const tab: number[] = [];
    const sampling = setInterval(async () => {
      server.push(await resident());
      tab.push(await heap());
    }, 1000);
    const download = await downloading;
    clearInterval(sampling);
    await expect(toasts(page).getByText('Export complete!')).toBeVisible();
    const [file] = (await newestJob(page)).files;
    const hash = createHash('sha256');
    for await (const part of createReadStream(await download.path())) hash.update(part);
    expect(hash.digest('hex')).toBe(file?.sha256);
    expect(file?.bytes).toBeGreaterThan(least);

    const mb = (bytes: number) => Math.round(bytes / 1e6);
    const half = Math.ceil(server.length / 2);
    const early = Math.max(...server.slice(0, half));
    const late = Math.max(...server.slice(half));
    process.stdout.write(
      `${mb(file?.bytes ?? 0)} MB, ${file?.rows} rows in ${server.length} s; server at most ${mb(early)} MB in the first half, ` +
        `${mb(late)} MB in the second; the tab’s heap at most ${mb(Math.max(...tab))} MB\n`,
    );
    expect(late, 'memory of the server').toBeLessThan(early * 1.1 + 10e6);
    expect(Math.max(...tab), 'heap of the tab').toBeLessThan(150e6);
  });
});
