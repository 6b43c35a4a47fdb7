import { createSHA256 } from 'hash-wasm';

/**
 * An incremental SHA-256. The browser's own takes a file whole or not at all; in plain JavaScript it does a third of what
 * WebAssembly does.
 */
export async function sha256(): Promise<{ update(block: Uint8Array): void; digest(): string }> {
  const hash = await createSHA256();
  hash.init();
  return {
    update: (block) => void hash.update(block),
    digest: () => {
      const hex = hash.digest('hex');
      hash.init();
      return hex;
    },
  };
}
