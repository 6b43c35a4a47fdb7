import type { QueryClient } from '@tanstack/react-query';
import type { Pause } from './confirm-file';
import type { Hasher } from './hash';
import type { Sink } from './sink';

/** The browser features that streaming uses. Tests replace them. */
export interface Tools {
  hasher: () => Promise<Hasher>;
  open: (chosen: FileSystemFileHandle | undefined, unique: string) => Promise<Sink>;
  pause: Pause;
}

/** What a download needs besides its job. */
export interface DownloadContext {
  client: QueryClient;
  tenant: string;
  tools: Tools;
  hasher: Hasher;
}
