import { screen, waitFor, within } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import type { Job, Me, Role } from '@/api/client';
import { keys } from '@/api/keys';
import { fileOf, jobOf } from '@/shared/testing/jobs';
import { renderUi, testClient } from '@/shared/testing/render';
import { JobDetail } from './job-detail';

const server = await vi.hoisted(async () => (await import('@/shared/testing/server')).fakeServer());
const file = fileOf({ fileUrl: '/v4/user-export-jobs/01JDB7V2M9QKX3W8/files/users/download' });
const { sha256 } = file;
const done: Partial<Job> = { status: 'completed', words: 'Country is GB', files: [file] };

function setup(over: Partial<Job>, role: Role = 'owner') {
  const client = testClient();
  const tenants = [
    { id: 'meridian', name: 'Meridian Press', role, retentionSeconds: 604_800, secondFactorMissing: false },
  ];
  const me: Me = { user_id: 'u', email: 'a@example.com', name: 'A', tenant: 'meridian', role, tenants, outbox: true };
  client.setQueryData(keys.me, me);
  const onStarted = vi.fn();
  const user = userEvent.setup();
  renderUi(<JobDetail tenant="meridian" job={jobOf('01JDB7V2M9QKX3W8', over)} onStarted={onStarted} />, { client });
  return { user, onStarted };
}
const region = (name: string) => within(screen.getByRole('region', { name }));

describe('a finished job', () => {
  it('shows its receipt and what it will do', () => {
    setup(done);
    const receipt = region('Receipt');
    const figures = receipt.getAllByRole('definition').map((value) => value.textContent);
    expect(figures.slice(0, 4)).toEqual(['61,904', '48,201', '36', '48,112,640']);
    expect(screen.getByRole('button', { name: 'Download 48.1 MB' })).toBeEnabled();
    expect(document.title).toBe('Country is GB · Meridian Press · Egress');
  });

  it('counts the events of a state events file, and no users', () => {
    const events = fileOf({
      kind: 'state_events',
      name: 'state_events_meridian.csv',
      rows: 416,
      users: null,
      columns: 9,
    });
    setup({ ...done, files: [file, events] });
    const receipt = region('Receipt of the state events');
    const terms = receipt.getAllByRole('term').map(({ textContent }) => textContent);
    expect(terms.slice(0, 3)).toEqual(['Events', 'Columns', 'Bytes']);
    expect(receipt.getAllByRole('definition')[0]).toHaveTextContent('416');
  });

  it('copies the command whole, and says so', async () => {
    const { user } = setup(done);
    await user.click(screen.getByRole('button', { name: 'Copy the command' }));
    expect(await screen.findByRole('button', { name: 'Copied' })).toBeVisible();
    expect(await navigator.clipboard.readText()).toBe(`echo '${sha256}  ${file.name}' | sha256sum --check`);
  });

  it('says how much CSV a compressed file holds, and checks it as it is stored', async () => {
    const packed = fileOf({ name: 'users_a.csv.gz', compression: 'gzip', bytes: 1_158_000, csvBytes: 5_694_248 });
    const { user } = setup({ ...done, files: [packed] });
    const receipt = region('Receipt');
    expect(receipt.getByText('5,694,248 bytes of CSV')).toBeVisible();
    expect(receipt.getByText('users_a.csv.gz')).toBeVisible();
    await user.click(screen.getByRole('button', { name: 'Copy the command' }));
    expect(await navigator.clipboard.readText()).toBe(`echo '${sha256}  users_a.csv.gz' | sha256sum --check`);
  });

  it('does not speak of CSV where the file is nothing else', () => {
    setup(done);
    expect(region('Receipt').queryByText(/of CSV/)).not.toBeInTheDocument();
  });

  it('copies the manifest as the server has it', async () => {
    const { user } = setup(done);
    server.answers(() => ({ body: { format: 1, attempts: 2 } }));
    expect(region('Receipt').getByText(`${file.name}.manifest.json`)).toBeVisible();
    await user.click(screen.getByRole('button', { name: 'Copy the manifest' }));
    expect(await screen.findByRole('button', { name: 'Copied' })).toBeVisible();
    expect(await navigator.clipboard.readText()).toBe('{"format":1,"attempts":2}');
    expect(server.asked).toMatchObject([{ method: 'GET', path: '/v4/user-export-jobs/01JDB7V2M9QKX3W8/manifest' }]);
  });

  it('says why there is no manifest to copy', async () => {
    const { user } = setup(done);
    server.answers(() => ({ status: 404, body: { code: 'not_found', detail: 'There is no manifest.' } }));
    await user.click(screen.getByRole('button', { name: 'Copy the manifest' }));
    expect(await region('Receipt').findByRole('alert')).toHaveTextContent('There is no manifest.');
  });

  it('saves the manifest under its name in the storage', async () => {
    const { user } = setup(done, 'viewer');
    server.answers(() => ({ body: { format: 1 } }));
    const saved = vi.fn();
    onTestFinished(() => void vi.restoreAllMocks());
    const made = vi.fn<(blob: Blob) => string>(() => 'blob:made');
    Object.assign(URL, { createObjectURL: made, revokeObjectURL: vi.fn() });
    vi.spyOn(HTMLAnchorElement.prototype, 'click').mockImplementation(function (this: HTMLAnchorElement) {
      saved(this.download, this.href);
    });
    await user.click(screen.getByRole('button', { name: 'More' }));
    await user.click(await screen.findByRole('menuitem', { name: 'Save manifest' }));
    await waitFor(() => expect(saved).toHaveBeenCalledWith(`${file.name}.manifest.json`, 'blob:made'));
    expect(made.mock.calls[0]?.[0]).toHaveProperty('size', '{"format":1}'.length);
  });

  it('tells who may not download it whom to ask', () => {
    setup({ ...done, files: [{ ...file, fileUrl: null }] }, 'viewer');
    expect(screen.queryByRole('button', { name: /Download/ })).not.toBeInTheDocument();
    expect(region('Notes').getByText('You cannot download this export.')).toBeVisible();
  });

  it('offers both files, and asks for a link to the one that is wanted', async () => {
    const events = fileOf({
      kind: 'state_events',
      name: 'state_events_a.csv',
      fileUrl: '/v4/user-export-jobs/01JDB7V2M9QKX3W8/files/state_events/download',
    });
    const { user } = setup({ ...done, files: [file, events] });
    expect(screen.getByRole('button', { name: 'Download 48.1 MB' })).toBeEnabled();
    server.answers(() => ({
      status: 404,
      body: { code: 'not_found', detail: 'The files of this export were deleted. Run it again to make new ones.' },
    }));
    await user.click(screen.getByRole('button', { name: 'State events' }));
    expect(await screen.findByRole('alert')).toHaveTextContent(
      'The files of this export were deleted. Run it again to make new ones.',
    );
    const asked = server.asked[0];
    expect(asked).toMatchObject({
      method: 'GET',
      path: '/v4/user-export-jobs/01JDB7V2M9QKX3W8/files/state_events/download',
    });
    expect(asked?.headers.get('Accept')).toBe('application/json');
  });

  it('shows the receipt of a file that a browser has saved, and nothing to download', () => {
    setup({ ...done, mode: 'sync', files: [{ ...file, fileUrl: null }] });
    expect(region('Receipt').getByText('The received file is identical to the sent file')).toBeVisible();
    expect(screen.getByText('streamed')).toBeVisible();
    expect(screen.queryByRole('button', { name: /^Download/ })).not.toBeInTheDocument();
    expect(region('Notes').getByText('Saved by the browser that started it.')).toBeVisible();
    expect(screen.getByRole('button', { name: 'Run again' })).toBeEnabled();
  });

  it('runs again', async () => {
    const { user, onStarted } = setup(done);
    server.answers(() => ({ status: 202, body: jobOf('01NEW', {}) }));
    await user.click(screen.getByRole('button', { name: 'Run again' }));
    await waitFor(() => expect(onStarted).toHaveBeenCalledWith(expect.objectContaining({ jobId: '01NEW' })));
  });

  it('asks for a fresh link at every download', async () => {
    const { user } = setup(done);
    server.answers(() => ({ status: 503, body: { code: 'unavailable', detail: 'The audit log cannot be written.' } }));
    await user.click(screen.getByRole('button', { name: 'Download 48.1 MB' }));
    expect(await screen.findByRole('alert')).toHaveTextContent('The audit log cannot be written.');
    const asked = server.asked[0];
    expect(asked).toMatchObject({
      method: 'GET',
      path: '/v4/user-export-jobs/01JDB7V2M9QKX3W8/files/users/download',
    });
    expect(asked?.headers.get('Accept')).toBe('application/json');
  });
});

it('shows a live job filling in', () => {
  const { progress } = jobOf('A', {});
  const users = { ...progress.users, bytes: 12_400_000, bytesTotal: 48_100_000, rows: 15_964, rowsTotal: 61_900 };
  setup({ status: 'downloading', columns: 36, progress: { ...progress, percent: 26, users } });
  const receipt = region('Receipt');
  expect(receipt.getByText('Downloading: 12.4MB / 48.1MB')).toBeVisible();
  expect(receipt.getByRole('progressbar', { name: 'Progress' })).toHaveAttribute('aria-valuenow', '26');
  expect(receipt.getByText('of about 61,900')).toBeVisible();
  expect(region('Timeline').getByText('Verified')).toHaveTextContent('Verified (still to come)');
});

it('draws how fast rows came, and says it in words', () => {
  const { progress } = jobOf('A', {});
  const throughput = { from: '2026-11-23T08:31:05.000Z', intervalMs: 1_000, rows: [9, 9, 9, null, 9, 9, 9, 9, 1] };
  setup({ ...done, progress: { ...progress, throughput } });
  expect(region('Throughput').getByText('about 9 rows/s on average · 9 at most')).toBeVisible();
  expect(region('Throughput').getByText('paused for about 1 s')).toBeVisible();
});

it('says of a failed job what happened, what is safe, what to do, and an id', () => {
  setup({ status: 'failed', error: { code: 'storage_unavailable', message: 'The file storage did not answer.' } });
  const what = region('What happened');
  expect(what.getByText('The file storage did not answer.')).toBeVisible();
  expect(what.getByText(/No file was kept/)).toBeVisible();
  expect(what.getByText(/Run it again in a few minutes/)).toBeVisible();
  expect(what.getByText('Export 01JDB7V2M9QKX3W8')).toBeVisible();
});

it('says of a streamed file that arrived otherwise than it was sent what to do', () => {
  const error = { code: 'verification_failed', message: 'What arrived is not what was sent.' } as const;
  setup({ status: 'failed', mode: 'sync', error });
  expect(region('What happened').getByText(/so it was deleted\. Run it again\./)).toBeVisible();
});

it('says of a cancelled job who did it, and how far it was', () => {
  setup({ status: 'cancelled', cancelledBy: 'priya.nair@example.com' });
  expect(region('Receipt').getByText(/By priya.nair@example.com, before it began\. No file was kept\./)).toBeVisible();
});
