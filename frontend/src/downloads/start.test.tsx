import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { answered, api, type Definition, inTenant } from '@/api/client';
import { keys } from '@/api/keys';
import { cachedJob } from '@/jobs/cache';
import { featuresOf } from '@/shared/testing/jobs';
import { testClient } from '@/shared/testing/render';
import { allDownloads, allRuns, isStarting, putDownload } from './store';
import { FakeFile } from './testing/files';
import { FakeHashWorker, StreamingServer } from './testing/streams';

const server = await vi.hoisted(async () => (await import('@/shared/testing/server')).fakeServer());
const { startExport } = await import('./start');

const include = { attributes: true, foreignKeys: false, grants: false };
const both: Definition = { include, stateEvents: { from: null, to: null } };
const text = (file: FakeFile | undefined) => new TextDecoder().decode(file?.bytes);

beforeEach(() => {
  vi.stubGlobal('Worker', FakeHashWorker);
  vi.stubGlobal('isSecureContext', true);
  FakeHashWorker.ended = 0;
});
afterEach(() => {
  vi.unstubAllGlobals();
  for (const jobId of allDownloads().keys()) putDownload(jobId, null);
});

// An admin who picks a file for every suggestion, or does what `pick` says; `false` is a browser
// without pickers.
function setup({ async = false, definition = { include }, pick }: Options = {}) {
  const streaming = new StreamingServer({ definition });
  server.answers(streaming.answer);
  const files: FakeFile[] = [];
  const picker = vi.fn(async (options?: SaveFilePickerOptions) => {
    if (pick) await pick(files.length);
    const file = new FakeFile(options?.suggestedName);
    files.push(file);
    return file.handle();
  });
  vi.stubGlobal('showSaveFilePicker', pick === false ? undefined : picker);
  const client = testClient();
  client.setQueryData(keys.features('meridian'), featuresOf(async ? 'async' : 'sync'));
  const call = vi.fn(() =>
    answered(api.POST('/v4/user-export-jobs', { params: { header: inTenant('meridian') }, body: definition })),
  );
  return {
    streaming,
    files,
    picker,
    call,
    start: () => startExport(client, 'meridian', definition, call),
    idle: () => expect.poll(() => allRuns().size).toBe(0),
    job: () => cachedJob(client, 'meridian', '01A'),
    client,
  };
}
interface Options {
  async?: boolean;
  definition?: Definition;
  pick?: ((before: number) => void | Promise<void>) | false;
}

it('asks where to save, streams there, and is complete when that is confirmed', async () => {
  const { start, idle, files, picker, call, streaming } = setup();
  await start();
  expect(allDownloads().get('01A')).toMatchObject({ phase: 'streaming', held: 'disk' });
  await idle();
  expect(picker.mock.invocationCallOrder[0]).toBeLessThan(call.mock.invocationCallOrder[0] ?? 0);
  expect(picker.mock.calls[0]?.[0]?.suggestedName).toMatch(/^users_meridian_\d{8}T\d{6}Z\.csv$/);
  expect(text(files[0])).toBe(streaming.texts.users);
  expect(streaming.confirmed).toEqual([await streaming.receipt('users')]);
  expect(server.asked.every(({ headers }) => headers.get('Egress-Tenant') === 'meridian')).toBe(true);
  expect(server.asked.every(({ headers }) => headers.get('X-Requested-With') === 'egress')).toBe(true); // a cookie alone opens no stream
  expect(allDownloads().get('01A')).toMatchObject({ phase: 'saved', chosen: files[0]?.name, offers: [] });
  expect(FakeHashWorker.ended).toBe(1);
  expect(isStarting().size).toBe(0);
});

it('asks for the place of the state events too, and brings them second', async () => {
  const { start, idle, files, streaming } = setup({ definition: both });
  await start();
  await idle();
  expect(files.map(({ name }) => name.split('_meridian')[0])).toEqual(['users', 'state_events']);
  expect(files.map(text)).toEqual([streaming.texts.users, streaming.texts.state_events]);
  expect(streaming.confirmed).toEqual([await streaming.receipt('users'), await streaming.receipt('state_events')]);
});

it.each([0, 1])('starts nothing when the admin turns away from question %d', async (question) => {
  const turnAway = (before: number) => {
    if (before === question) throw new DOMException('', 'AbortError');
  };
  const { start, files, call } = setup({ definition: both, pick: turnAway });
  expect(await start()).toBeNull();
  expect(call).not.toHaveBeenCalled();
  expect(files.every(({ removed }) => removed)).toBe(true);
});

it('asks nothing, and streams nothing, where exports run in the background', async () => {
  const { start, picker, streaming } = setup({ async: true });
  streaming.job = { ...streaming.job, mode: 'async' };
  await start();
  expect(picker).not.toHaveBeenCalled();
  expect(allRuns().size).toBe(0);
});

it('receives a job that is streamed since a moment ago, without a chosen place', async () => {
  const { start, idle, streaming } = setup({ async: true, pick: false });
  Object.assign(URL, { createObjectURL: () => 'blob:made', revokeObjectURL: () => {} });
  const click = vi.spyOn(HTMLAnchorElement.prototype, 'click').mockImplementation(() => {});
  await start();
  await idle();
  expect(streaming.confirmed).toHaveLength(1);
  expect(click).toHaveBeenCalledOnce();
  click.mockRestore();
});

it('removes the chosen file when the job runs in the background after all', async () => {
  const { start, files, streaming } = setup();
  streaming.job = { ...streaming.job, mode: 'async' };
  await start();
  expect(files[0]?.removed).toBe(true);
  expect(allRuns().size).toBe(0);
  expect(FakeHashWorker.ended).toBe(1);
});

it('removes the chosen file when nothing could be started', async () => {
  const { start, files, streaming } = setup();
  streaming.reachable = false;
  await expect(start()).rejects.toThrow('The server does not answer.');
  expect(files[0]?.removed).toBe(true);
  expect(isStarting().size).toBe(0);
});

it('starts nothing where the page cannot receive', async () => {
  const { start, call } = setup();
  vi.stubGlobal(
    'Worker',
    class extends FakeHashWorker {
      override postMessage(): void {
        this.dispatchEvent(new Event('error'));
      }
    },
  );
  await expect(start()).rejects.toThrow('A part of this page could not be loaded.');
  expect(call).not.toHaveBeenCalled();
});

it('saves by itself what no place could be chosen for, and offers the second file', async () => {
  const { start, idle } = setup({ definition: both, pick: false });
  const saved: string[] = [];
  Object.assign(URL, { createObjectURL: () => 'blob:made', revokeObjectURL: () => {} });
  const click = vi.spyOn(HTMLAnchorElement.prototype, 'click').mockImplementation(function (this: HTMLAnchorElement) {
    saved.push(this.download);
  });
  await start();
  await idle();
  expect(saved).toEqual(['users_meridian.csv']);
  expect(allDownloads().get('01A')).toMatchObject({ phase: 'saved', held: 'memory' });
  const offers = () =>
    allDownloads()
      .get('01A')
      ?.offers.map(({ kind, saved }) => [kind, saved]);
  expect(offers()).toEqual([
    ['users', true],
    ['state_events', false],
  ]);
  expect(dispatchEvent(new Event('beforeunload', { cancelable: true }))).toBe(false);
  allDownloads().get('01A')?.offers[1]?.save();
  expect(saved).toEqual(['users_meridian.csv', 'state_events_meridian.csv']);
  expect(dispatchEvent(new Event('beforeunload', { cancelable: true }))).toBe(true);
  click.mockRestore();
});
