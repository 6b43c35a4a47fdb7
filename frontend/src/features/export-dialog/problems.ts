import { ApiError } from '@/api/client';

/** Where the dialog shows an error. */
export type Place = 'store' | 'users' | 'include' | 'profiles' | 'events' | 'file' | 'foot';

/** An error and its place. */
export interface PlacedProblem {
  place: Place;
  message: string;
  /** The live job that blocks a new export. */
  jobId?: string | undefined;
  requestId?: string | undefined;
}

// Specific paths first: the first path that is a prefix of the error's field gives the place.
const places: readonly [path: string, place: Place][] = [
  ['users.userStoreId', 'store'],
  ['users', 'users'],
  ['include.extendedProfiles', 'profiles'],
  ['include', 'include'],
  ['stateEvents', 'events'],
  ['file', 'file'],
];

/** Places an error at the control that it names, or else at the foot. */
export function placed(error: Error | null): PlacedProblem | null {
  if (!error) return null;
  if (!(error instanceof ApiError)) return { place: 'foot', message: 'Something broke in this page.' };
  const { field, jobId, requestId } = error.problem;
  const place = places.find(
    ([path]) => field === path || field?.startsWith(`${path}.`) || field?.startsWith(`${path}[`),
  );
  return { place: place?.[1] ?? 'foot', message: error.message, jobId, requestId };
}
