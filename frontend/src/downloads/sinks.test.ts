import { afterEach, describe, expect, it, vi } from 'vitest';
import { removeEmpty } from './chosen';
import { diskSink } from './disk-sink';
import { memorySink } from './memory-sink';
import { removeLeftovers } from './opfs-cleanup';
import { lockName, opfsSink } from './opfs-sink';
import { FakeFile, failureOf, writeAll } from './testing/files';

const text = (file: FakeFile) => new TextDecoder().decode(file.bytes);

describe('a chosen file', () => {
  it('holds what was written once it is closed, and is nothing to download', async () => {
    const file = new FakeFile();
    const sink = await diskSink(file.handle());
    await writeAll(sink, 'a,b\r\n', '1,2\r\n');
    expect(text(file)).toBe('');
    await sink.close();
    expect(text(file)).toBe('a,b\r\n1,2\r\n');
    expect(await sink.file()).toBeNull();
  });

  it('says that the disk is full', async () => {
    const file = new FakeFile();
    file.room = 3;
    const sink = await diskSink(file.handle());
    expect(await failureOf(writeAll(sink, 'abcd'))).toMatch(/^There is no room left for the file/);
  });

  it('does not pass for whole when bytes are lost at its end', async () => {
    const file = new FakeFile();
    file.lost = 1;
    const sink = await diskSink(file.handle());
    await writeAll(sink, 'abcd');
    expect(await failureOf(sink.close())).toMatch(/^3 bytes were stored instead of 4\./);
  });

  it('is removed when the export is given up, before and after its end', async () => {
    for (const ends of [false, true]) {
      const file = new FakeFile();
      const sink = await diskSink(file.handle());
      await writeAll(sink, 'abcd');
      if (ends) await sink.close();
      await sink.abort();
      expect(file.removed).toBe(true);
    }
  });

  it('is left empty by a browser that cannot remove it', async () => {
    const file = new FakeFile();
    const sink = await diskSink(file.handle(false));
    await writeAll(sink, 'abcd');
    await sink.close();
    await sink.abort();
    expect(text(file)).toBe('');
  });

  it('is not removed where it holds something that nobody here wrote', async () => {
    const file = new FakeFile();
    file.bytes = new TextEncoder().encode('last year');
    await removeEmpty(file.handle());
    const sink = await diskSink(file.handle());
    await writeAll(sink, 'abcd');
    await sink.abort();
    expect(file.removed).toBe(false);
    expect(text(file)).toBe('last year');
  });
});

describe('memory', () => {
  it('holds the file', async () => {
    const sink = memorySink();
    await writeAll(sink, 'a,', 'b');
    await sink.close();
    expect(await (await sink.file())?.text()).toBe('a,b');
    await sink.abort();
    expect((await sink.file())?.size).toBe(0);
  });

  it('holds so much and no more', async () => {
    const sink = memorySink(4_000_000);
    await sink.write(new Uint8Array(4_000_000));
    expect(await failureOf(writeAll(sink, 'a'))).toMatch(/^This browser can hold 4 MB of a file at most/);
  });
});

describe('the storage of the browser', () => {
  afterEach(() => vi.unstubAllGlobals());

  // A folder, and locks that other tabs may hold.
  function setup() {
    const files = new Map<string, FakeFile>();
    const held = new Set<string>();
    const folder = {
      getFileHandle: async (name: string) => {
        const file = files.get(name) ?? new FakeFile(name);
        files.set(name, file);
        return file.handle();
      },
      removeEntry: async (name: string) => void files.delete(name),
      keys: () => files.keys(),
    };
    vi.stubGlobal('navigator', {
      storage: { getDirectory: async () => ({ getDirectoryHandle: async () => folder }) },
      locks: {
        request: async (name: string, ...rest: unknown[]) => {
          const work = rest.at(-1);
          if (typeof work !== 'function') return;
          if (held.has(name)) return work(null);
          held.add(name);
          await work({ name });
          held.delete(name);
        },
      },
    });
    return { files, held };
  }

  it('holds the file until it is dropped, and its lock as long', async () => {
    const { files, held } = setup();
    const sink = await opfsSink('01A-users');
    expect(held).toContain(lockName('01A-users'));
    await writeAll(sink, 'a,', 'b');
    await sink.close();
    expect(await (await sink.file())?.text()).toBe('a,b');
    await sink.abort();
    expect(files.size).toBe(0);
    await expect.poll(() => held.size).toBe(0);
  });

  it('is cleared of what crashed tabs have left, and of nothing that a tab holds', async () => {
    const { files } = setup();
    await opfsSink('mine');
    files.set('crashed', new FakeFile('crashed'));
    await removeLeftovers();
    expect([...files.keys()]).toEqual(['mine']);
  });

  it('frees its lock where it cannot be opened', async () => {
    const { held } = setup();
    vi.stubGlobal('navigator', { ...navigator, storage: { getDirectory: () => Promise.reject(new Error('private')) } });
    await expect(opfsSink('01A-users')).rejects.toThrow('private');
    await expect.poll(() => held.size).toBe(0);
  });
});
