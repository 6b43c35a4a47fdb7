import { serveRequests } from './worker-port';

type Question =
  | { do: 'open'; folder: string; name: string }
  | { do: 'write'; block: Uint8Array<ArrayBuffer> }
  | { do: 'close' };

let out: FileSystemSyncAccessHandle | undefined;

serveRequests(async (question: Question) => {
  switch (question.do) {
    case 'open': {
      const root = await navigator.storage.getDirectory();
      const dir = await root.getDirectoryHandle(question.folder, { create: true });
      out = await (await dir.getFileHandle(question.name, { create: true })).createSyncAccessHandle?.();
      if (!out) throw new DOMException('This browser cannot write files.', 'NotSupportedError');
      return out.truncate(0);
    }
    case 'write': {
      const taken = out?.write(question.block);
      if (taken !== question.block.byteLength) throw new DOMException('The storage is full.', 'QuotaExceededError');
      return taken;
    }
    case 'close':
      out?.flush();
      out?.close();
      out = undefined;
      return null;
  }
});
