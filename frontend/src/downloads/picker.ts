import type { Definition, JobFile } from '@/api/client';
import { removeEmpty } from './chosen';
import { errorName } from './sink';

/** The kind of one of a job's files. */
export type FileKind = JobFile['kind'];

/** The file handles that the admin chose. Other files go to the browser's storage. */
export type PickedFiles = Readonly<Partial<Record<FileKind, FileSystemFileHandle>>>;

const endings = { none: '.csv', gzip: '.csv.gz', zstd: '.csv.zst' };
const types = {
  none: { description: 'CSV', accept: { 'text/csv': ['.csv'] } },
  gzip: { description: 'CSV, gzip', accept: { 'application/gzip': ['.gz'] } },
  zstd: { description: 'CSV, zstd', accept: { 'application/zstd': ['.zst'] } },
};

/** Returns the files that a definition makes, in the order in which they arrive. */
export function filesOf({ include, stateEvents }: Definition): FileKind[] {
  const users = include.attributes || include.extendedProfiles || include.foreignKeys || include.grants;
  return [...(users ? (['users'] as const) : []), ...(stateEvents ? (['state_events'] as const) : [])];
}

/** Returns the name of a file started at `now`: "users_meridian_20261123T083105Z.csv". */
export function fileName(kind: FileKind, tenant: string, { file }: Definition, now: Date): string {
  const time = now.toISOString().replace(/[-:]|\.\d+/g, '');
  return `${kind}_${tenant}_${time}${endings[file?.compression ?? 'none']}`;
}

/**
 * Asks where to save each file, if the browser supports it. Call it right after a click, before any
 * other await, since browsers require a user gesture. Returns null if the admin closes the dialog.
 */
export async function pickFiles(tenant: string, definition: Definition): Promise<PickedFiles | null> {
  const places: Partial<Record<FileKind, FileSystemFileHandle>> = {};
  if (!window.isSecureContext || !window.showSaveFilePicker) return places;
  const now = new Date();
  for (const kind of filesOf(definition)) {
    try {
      places[kind] = await window.showSaveFilePicker({
        suggestedName: fileName(kind, tenant, definition, now),
        types: [types[definition.file?.compression ?? 'none']],
      });
    } catch (reason) {
      if (errorName(reason) !== 'AbortError') break; // the browser's storage is used instead
      await removeEmptyFiles(places);
      return null;
    }
  }
  return places;
}

/** Removes the chosen files that are still empty. */
export async function removeEmptyFiles(places: PickedFiles): Promise<void> {
  await Promise.all(Object.values(places).map(removeEmpty));
}
