import { execFile } from 'node:child_process';
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { delimiter, dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { expect, logIn, meridian, test } from './egress';
import { newestJob, openDialog } from './steps';

const binaries = dirname(fileURLToPath(new URL('../../bin/egress', import.meta.url)));

test('the copied commands export what the dialog shows', async ({ page, egress, context }) => {
  await context.grantPermissions(['clipboard-read', 'clipboard-write']);
  await logIn(page, egress);
  const me = await (await page.request.get('/v4/me', meridian)).json();
  const made = await page.request.post(`/v3/admin/users/${me.user_id}/keypairs`, {
    ...meridian,
    data: { note: 'test' },
  });
  expect(made.status()).toBe(201);
  const pair = await made.json();
  const dir = await mkdtemp(join(tmpdir(), 'egress-commands-'));

  const run = async (item: string) => {
    await page.goto(`/t/meridian/users?search=${encodeURIComponent("o'hara $HOME")}`);
    const dialog = await openDialog(page);
    await dialog.getByRole('button', { name: 'Copy as' }).click();
    await dialog.getByRole('menuitem', { name: item }).click();
    await expect(page.getByText('command copied')).toBeVisible();
    const copied = await page.evaluate<string>('navigator.clipboard.readText()');
    expect(copied).not.toContain(pair.access_key);
    const command = copied.replace('YOUR_ACCESS_KEY', pair.access_key).replace('YOUR_SECRET_KEY', pair.secret_key);
    const env = { PATH: `${binaries}${delimiter}${process.env.PATH}`, HOME: dir };
    return promisify(execFile)('sh', ['-eu', '-c', command], { cwd: dir, env });
  };

  const { stdout } = await run('Copy as cURL');
  const started = JSON.parse(stdout);
  expect(started.definition.users.search).toBe("o'hara $HOME");
  expect(started.origin).toBe('api');
  await expect(async () => expect((await newestJob(page)).status).toBe('completed')).toPass();

  await run('Copy as egress command');
  expect((await readdir(dir)).filter((name) => name.endsWith('.csv'))).toHaveLength(1);
  expect((await newestJob(page)).definition).toEqual(started.definition);
  await rm(dir, { recursive: true });
});
