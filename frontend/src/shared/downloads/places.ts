import type { Definition, JobFile } from '@/shared/api/client';
import { removeEmpty } from './chosen';
import { errorName } from './sink';

/** Which of a job's files. */
export type Kind = JobFile['kind'];

/** The files that the admin has chosen to write to; for others the browser finds a place. */
export type Places = Readonly<Partial<Record<Kind, FileSystemFileHandle>>>;

const endings = { none: '.csv', gzip: '.csv.gz', zstd: '.csv.zst' };
const types = {
  none: { description: 'CSV', accept: { 'text/csv': ['.csv'] } },
  gzip: { description: 'CSV, gzip', accept: { 'application/gzip': ['.gz'] } },
  zstd: { description: 'CSV, zstd', accept: { 'application/zstd': ['.zst'] } },
};

/** The files that a definition makes, in the order in which they come. */
export function filesOf({ include, stateEvents }: Definition): Kind[] {
  const users = include.attributes || include.extendedProfiles || include.foreignKeys || include.grants;
  return [...(users ? (['users'] as const) : []), ...(stateEvents ? (['state_events'] as const) : [])];
}

/** The name of a file that begins now: "users_meridian_20261123T083105Z.csv". */
export function fileName(kind: Kind, tenant: string, { file }: Definition, now: Date): string {
  const time = now.toISOString().replace(/[-:]|\.\d+/g, '');
  return `${kind}_${tenant}_${time}${endings[file?.compression ?? 'none']}`;
}

/**
 * Asks where to save each file, where the browser can ask: while the click counts, so before anything else is awaited.
 * Null where the admin has thought better of it.
 */
export async function choosePlaces(tenant: string, definition: Definition): Promise<Places | null> {
  const places: Partial<Record<Kind, FileSystemFileHandle>> = {};
  if (!window.isSecureContext || !window.showSaveFilePicker) return places;
  const now = new Date();
  for (const kind of filesOf(definition)) {
    try {
      places[kind] = await window.showSaveFilePicker({
        suggestedName: fileName(kind, tenant, definition, now),
        types: [types[definition.file?.compression ?? 'none']],
      });
    } catch (reason) {
      if (errorName(reason) !== 'AbortError') break; // the browser finds a place
      await discard(places);
      return null;
    }
  }
  return places;
}

/** Removes chosen files that nothing was written to. */
export async function discard(places: Places): Promise<void> {
  await Promise.all(Object.values(places).map(removeEmpty));
}
