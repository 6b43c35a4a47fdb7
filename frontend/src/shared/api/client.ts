import createClient from 'openapi-fetch';
import { noteAnswer, noteSilence } from './reach';
import type { components, paths } from './schema';

type Schemas = components['schemas'];

/** One run of an export, as the server answers it. */
export type Job = Schemas['Job'];
/** Where a job stands. */
export type JobStatus = Schemas['Status'];
/** How far a job is. */
export type Progress = Schemas['Progress'];
/** How far one of a job's files is. */
export type FileProgress = Schemas['FileProgress'];
/** A finished file and its receipt. */
export type JobFile = Schemas['File'];
/** Something that a reader of a file should know. */
export type Warning = Schemas['Warning'];
/** What one export is to contain. */
export type Definition = Schemas['Definition'];
/** A condition of a filter, or a group of them. */
export type Rule = Schemas['Rule'];
/** A value in a condition. */
export type Scalar = Schemas['Scalar'];
/** What a file would hold, before it is made. */
export type Preview = Schemas['Preview'];
/** A user as lists show it. */
export type User = Schemas['User'];
/** A user with the names of the accounts involved. */
export type UserDetail = Schemas['UserDetail'];
/** One page of users. */
export type UserPage = Schemas['UserPage'];
/** A subscription that a user holds. */
export type Grant = Schemas['Grant'];
/** What a tenant's users may have. */
export type UserSchema = Schemas['UserSchema'];
/** One attribute of the user schema. */
export type Field = Schemas['Field'];
/** A user store. */
export type UserStore = Schemas['UserStore'];
/** A store's figures. */
export type Figures = Schemas['Figures'];
/** An e-mail that was kept and not sent, without its text. */
export type OutboxMail = Schemas['OutboxMail'];
/** The same with its text. */
export type OutboxMessage = Schemas['OutboxMessage'];
/** What the tenant has switched on. */
export type Features = Schemas['Features'];
/** What a tenant's owners have set. */
export type Settings = Schemas['Settings'];
/** What is to be set anew; what is left out stays. */
export type SettingsChange = Schemas['SettingsChange'];
/** What a program signs its requests with, without the secret. */
export type KeyPair = Schemas['KeyPair'];
/** One that was just made, with its secret, which no other answer has. */
export type NewKeyPair = Schemas['NewKeyPair'];
/** Who has a role in a tenant. */
export type Admin = Schemas['Admin'];
/** An admin who was invited, and the link for who has no password yet, which no other answer has. */
export type Invitation = Schemas['Invitation'];
/** Whom a link invites. */
export type Invited = Schemas['Invited'];
/** One line of the audit log. */
export type AuditRecord = Schemas['AuditRecord'];
/** What such a line tells of. */
export type AuditKind = Schemas['AuditKind'];
/** Who the session belongs to. */
export type Me = Schemas['Me'];
/** What an admin may do in a tenant. */
export type Role = Schemas['Role'];
/** An RFC 9457 problem document. */
export type Problem = Schemas['Problem'];

/** The typed client of the API. The session's cookie goes along by itself. */
export const api = createClient<paths>({
  baseUrl: typeof location === 'undefined' ? '' : location.origin,
  fetch: (request) => globalThis.fetch(request), // asked for at each call, so that a test can bring its own
});

/** The header that names the tenant of a call, as the client takes it. */
export function inTenant(tenant: string): { 'Egress-Tenant': string } {
  return { 'Egress-Tenant': tenant };
}

/** A refusal of the server, with its sentence for a human; status 0 where no answer came. */
export class ApiError extends Error {
  override readonly name = 'ApiError';
  constructor(
    readonly status: number,
    readonly code: Problem['code'] | 'unreachable',
    message: string,
    /** What the server adds: requestId, field, jobId, retryAfterSeconds. */
    readonly problem: Partial<Problem> = {},
  ) {
    super(message);
  }
}

/** Turns a call's outcome into its data, or throws an ApiError, or, where no answer came, an error that says so. */
export async function answered<T>(
  call: Promise<{ data?: T; error?: Partial<Problem> | undefined; response: Response }>,
): Promise<T> {
  const { data, error, response } = await call.catch((reason: unknown) => {
    if (reason instanceof DOMException && reason.name === 'AbortError') throw reason;
    noteSilence();
    throw new ApiError(0, 'unreachable', 'The server does not answer. Check your internet connection and retry.');
  });
  noteAnswer();
  if (response.ok) return data as T;
  const message = error?.detail ?? error?.title ?? `The server answered with status ${response.status}.`;
  throw new ApiError(response.status, error?.code ?? 'internal', message, error ?? {});
}

/** Reports whether the error says that there is no session, or that it has ended. */
export function isLoggedOut(error: unknown): boolean {
  return error instanceof ApiError && error.status === 401;
}

/** Reports whether the error says that who is logged in may not do this. */
export function isBarred(error: unknown): boolean {
  return error instanceof ApiError && error.status === 403;
}

/** Reports whether the error says that there is no such thing, or none that is theirs to see. */
export function isNotFound(error: unknown): boolean {
  return error instanceof ApiError && error.status === 404;
}
