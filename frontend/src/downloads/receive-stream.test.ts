import { describe, expect, it } from 'vitest';
import { diskSink } from './disk-sink';
import type { Hasher } from './hash';
import { memorySink } from './memory-sink';
import { BrokenStream, receive } from './receive-stream';
import { sha256 } from './sha256';
import { type Block, type Sink, SinkError } from './sink';
import { FakeFile } from './testing/files';

const hex = async (bytes: Uint8Array<ArrayBuffer>) =>
  Array.from(new Uint8Array(await crypto.subtle.digest('SHA-256', bytes)), (b) => b.toString(16).padStart(2, '0')).join(
    '',
  );
function bytesOf(length: number): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(length);
  for (let i = 0; i < length; i++) bytes[i] = i * 31 + (i >> 8);
  return bytes;
}

// The worker's hash without the worker; it takes the memory as that does.
async function hasher(): Promise<Hasher> {
  const hash = await sha256();
  return {
    update: async (block) => hash.update(structuredClone(block, { transfer: [block.buffer] })),
    digest: async () => hash.digest(),
    end: () => {},
  };
}

// A body in pieces of a size; it counts what was asked for, and may break off at its end.
function bodyOf(bytes: Uint8Array, piece: number, breaks = false) {
  let at = 0;
  const body = new ReadableStream<Uint8Array>(
    {
      pull(controller) {
        if (at < bytes.length) {
          controller.enqueue(bytes.slice(at, at + piece));
          at += piece;
        } else if (breaks) controller.error(new TypeError('network error'));
        else controller.close();
      },
    },
    { highWaterMark: 0 },
  );
  return { body, asked: () => at };
}

describe('sha256', () => {
  it.each([
    ['', 'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855'],
    ['abc', 'ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad'],
    [
      'abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq',
      '248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1',
    ],
  ])('of %j', async (text, expected) => {
    const hash = await sha256();
    for (const character of text) hash.update(new TextEncoder().encode(character));
    expect(hash.digest()).toBe(expected);
    expect(hash.digest()).toBe('e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855'); // starts a new file
  });
});

describe('receive', () => {
  it.each([
    [0, 1],
    [1, 1],
    [70_000, 7],
    [1 << 20, 65_536],
    [(1 << 20) + 1, 65_536],
    [3_500_000, 1_900_000],
  ])('stores and hashes %d bytes that come in pieces of %d', async (length, piece) => {
    const bytes = bytesOf(length);
    const file = new FakeFile();
    const receipt = await receive(bodyOf(bytes, piece).body, await diskSink(file.handle()), await hasher());
    expect(receipt).toEqual({ bytes: length, sha256: await hex(bytes) });
    expect(await hex(file.bytes)).toBe(receipt.sha256);
  });

  it('never takes a body that breaks off for whole', async () => {
    const file = new FakeFile();
    const { body } = bodyOf(bytesOf(2_000_000), 65_536, true);
    await expect(receive(body, await diskSink(file.handle()), await hasher())).rejects.toThrow(BrokenStream);
    expect(file.bytes).toHaveLength(0);
  });

  it('reads no further while the sink writes', async () => {
    let release = () => {};
    let blocks = 0;
    const slow: Sink = {
      ...memorySink(),
      write: async (_: Block) => {
        blocks++;
        await new Promise<void>((resolve) => {
          release = resolve;
        });
      },
    };
    const { body, asked } = bodyOf(bytesOf(3 << 20), 65_536);
    const done = receive(body, slow, await hasher());
    for (let i = 0; i < 500; i++) await Promise.resolve();
    await new Promise((resolve) => setTimeout(resolve));
    expect(blocks).toBe(1);
    expect(asked()).toBe(1 << 20);
    while (blocks < 3) {
      release();
      await new Promise((resolve) => setTimeout(resolve));
    }
    release();
    await expect(done).resolves.toMatchObject({ bytes: 3 << 20 });
  });

  it('stops the body when nothing can be written', async () => {
    const file = new FakeFile();
    file.room = 1_500_000;
    const { body, asked } = bodyOf(bytesOf(4 << 20), 65_536);
    await expect(receive(body, await diskSink(file.handle()), await hasher())).rejects.toThrow(SinkError);
    expect(asked()).toBeLessThan(3 << 20);
  });
});
