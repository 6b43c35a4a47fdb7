import { ApiError } from '@/shared/api/client';

/** Where in the dialog a refusal is told. */
export type Place = 'store' | 'users' | 'include' | 'profiles' | 'events' | 'file' | 'foot';

/** A refusal and its place. */
export interface PlacedProblem {
  place: Place;
  message: string;
  /** The live job that stands in the way. */
  jobId?: string | undefined;
  requestId?: string | undefined;
}

// From the particular to the general: the first that the field begins with has it.
const places: readonly [path: string, place: Place][] = [
  ['users.userStoreId', 'store'],
  ['users', 'users'],
  ['include.extendedProfiles', 'profiles'],
  ['include', 'include'],
  ['stateEvents', 'events'],
  ['file', 'file'],
];

/** Says where an error belongs: at the control that it names, or else at the foot. */
export function placed(error: Error | null): PlacedProblem | null {
  if (!error) return null;
  if (!(error instanceof ApiError)) return { place: 'foot', message: 'Something broke in this page.' };
  const { field, jobId, requestId } = error.problem;
  const place = places.find(
    ([path]) => field === path || field?.startsWith(`${path}.`) || field?.startsWith(`${path}[`),
  );
  return { place: place?.[1] ?? 'foot', message: error.message, jobId, requestId };
}
