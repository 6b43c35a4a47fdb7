import createClient from 'openapi-fetch';
import type { components, paths } from './schema';

/** One run of an export, as the server answers it. */
export type Job = components['schemas']['Job'];
/** Where a job stands. */
export type JobStatus = Job['status'];
/** Who the session belongs to. */
export type Me = components['schemas']['Me'];
/** An RFC 9457 problem document. */
export type Problem = components['schemas']['Problem'];

/** The typed client of the API. The session's cookie goes along by itself. */
export const api = createClient<paths>();

/** A refusal of the server, with its sentence for a human. */
export class ApiError extends Error {
  override readonly name = 'ApiError';
  constructor(
    readonly status: number,
    readonly code: string,
    message: string,
  ) {
    super(message);
  }
}

/** Turns a call's outcome into its data, or throws an ApiError, or, where no answer came, an error that says so. */
export async function answered<T>(
  call: Promise<{ data?: T; error?: Partial<Problem> | undefined; response: Response }>,
): Promise<T> {
  const { data, error, response } = await call.catch(() => {
    throw new ApiError(0, 'unreachable', 'The server does not answer. Check your internet connection and retry.');
  });
  if (response.ok) return data as T;
  const message = error?.detail ?? error?.title ?? `The server answered with status ${response.status}.`;
  throw new ApiError(response.status, error?.code ?? 'internal', message);
}
