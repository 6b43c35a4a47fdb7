import createClient from 'openapi-fetch';
import { fetchConfirmed } from './confirmation';
import { noteAnswer, noteSilence } from './reach';
import type { components, paths } from './schema';

type Schemas = components['schemas'];

/** One run of an export. */
export type Job = Schemas['Job'];
/** A job's status. */
export type JobStatus = Schemas['Status'];
/** A job's progress. */
export type Progress = Schemas['Progress'];
/** The progress of one of a job's files. */
export type FileProgress = Schemas['FileProgress'];
/** A finished file and its receipt. */
export type JobFile = Schemas['File'];
/** A warning for the readers of a file. */
export type Warning = Schemas['Warning'];
/** What an export contains. */
export type Definition = Schemas['Definition'];
/** A condition of a filter, or a group of them. */
export type Rule = Schemas['Rule'];
/** A value in a condition. */
export type Scalar = Schemas['Scalar'];
/** A preview of an export's file. */
export type Preview = Schemas['Preview'];
/** A user in a list. */
export type User = Schemas['User'];
/** A user with the names of the accounts involved. */
export type UserDetail = Schemas['UserDetail'];
/** One page of users. */
/** A number of users: exact, from a sample, or the most there may be. */
export type UserCount = Schemas['UserCount'];
export type UserPage = Schemas['UserPage'];
/** A user's subscription. */
export type Grant = Schemas['Grant'];
/** The schema of a tenant's users. */
export type UserSchema = Schemas['UserSchema'];
/** One attribute of the user schema. */
export type Field = Schemas['Field'];
/** A filter that is saved under a name. */
export type SavedFilter = Schemas['SavedFilter'];
/** What the console remembers for the admin in a tenant. */
export type Preferences = Schemas['Preferences'];
/** A user store. */
export type UserStore = Schemas['UserStore'];
/** A store's figures. */
export type Figures = Schemas['Figures'];
/** An email in the outbox, without its text. */
export type OutboxMail = Schemas['OutboxMail'];
/** An email in the outbox, with its text. */
export type OutboxMessage = Schemas['OutboxMessage'];
/** A tenant's feature flags. */
export type Features = Schemas['Features'];
/** A tenant's settings. */
export type Settings = Schemas['Settings'];
/** A change of settings. Members that are left out keep their values. */
export type SettingsChange = Schemas['SettingsChange'];
/** A key pair, with which a program signs requests, without its secret. */
export type KeyPair = Schemas['KeyPair'];
/** A change of a key pair. Members that are left out keep their values. */
export type KeyPairChange = Schemas['KeyPairChange'];
/** A new key pair with its secret, which no later answer contains. */
export type NewKeyPair = Schemas['NewKeyPair'];
/** A member of a tenant. */
export type Admin = Schemas['Admin'];
/** The members of a tenant and its pending invitations. */
export type Members = Schemas['Admins'];
/** A pending invitation. */
export type PendingInvitation = Schemas['PendingInvitation'];
/**
 * A new invitation. It has its link only if mail is not configured, and no later answer contains
 * the link.
 */
export type Invitation = Schemas['Invitation'];
/** The address, tenant and role of an invitation link. */
export type Invited = Schemas['Invited'];
/** An admin's session. */
export type Session = Schemas['Session'];
/** The account whose password a link resets. */
export type ResetCheck = Schemas['PasswordResetCheck'];
/** A record of the audit log. */
export type AuditRecord = Schemas['AuditRecord'];
/** The kind of an audit record. */
export type AuditKind = Schemas['AuditKind'];
/** The logged-in admin. */
export type Me = Schemas['Me'];
/** A tenant of the logged-in admin, with the admin's role. */
export type Membership = Schemas['Membership'];
/** The logged-in admin's account. */
export type OwnAccount = Schemas['OwnAccount'];
/** The second factors of an account. */
export type SecondFactor = Schemas['SecondFactor'];
/** One of an account's passkeys. */
export type Passkey = Schemas['Passkey'];
/** The challenge that a log-in or a confirmation returns after the password. */
export type SecondFactorChallenge = Schemas['SecondFactorChallenge'];
/** The answer to a challenge: a code, a recovery code or a passkey. */
export type SecondFactorAnswer = Schemas['SecondFactorAnswer'];
/** An admin's role in a tenant. */
export type Role = Schemas['Role'];
/** An RFC 9457 problem document. */
export type Problem = Schemas['Problem'];

/**
 * Proves that the request comes from the console, since other sites cannot set this header. On
 * plain http browsers send no other proof, and the server opens no stream for a cookie alone.
 */
export const fromConsole = { 'X-Requested-With': 'egress' };

/**
 * The typed client of the API. The browser adds the session's cookie. If a write needs a recently
 * confirmed session, the client asks the admin to confirm and sends the write again.
 */
export const api = createClient<paths>({
  baseUrl: typeof location === 'undefined' ? '' : location.origin,
  headers: fromConsole,
  fetch: fetchConfirmed,
});

/** Returns the header that names the tenant of a request. */
export function inTenant(tenant: string): { 'Egress-Tenant': string } {
  return { 'Egress-Tenant': tenant };
}

/**
 * An error of the server, whose message is for the admin. Status 0 means that the server did not
 * answer.
 */
export class ApiError extends Error {
  override readonly name = 'ApiError';
  constructor(
    readonly status: number,
    readonly code: Problem['code'] | 'unreachable',
    message: string,
    /** Further members of the problem: requestId, field, jobId, retryAfterSeconds. */
    readonly problem: Partial<Problem> = {},
  ) {
    super(message);
  }
}

const notConfirmed = 'You did not confirm your identity, so nothing was changed.';

/**
 * Returns the data of a request. Throws an ApiError for an error of the server and, with status 0,
 * for no answer.
 */
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
  if (error?.code === 'confirmation_required') throw new ApiError(response.status, error.code, notConfirmed, error);
  const message = error?.detail ?? error?.title ?? `The server answered with status ${response.status}.`;
  throw new ApiError(response.status, error?.code ?? 'internal', message, error ?? {});
}

/** Reports whether the error is a 401: the session does not exist or has ended. */
export function isLoggedOut(error: unknown): boolean {
  return error instanceof ApiError && error.status === 401;
}

/** Reports whether the error is a 403: the admin lacks the permission. */
export function isBarred(error: unknown): boolean {
  return error instanceof ApiError && error.status === 403;
}

/** Returns the challenge if the error asks for the second factor, else undefined. */
export function secondFactorAsked(error: unknown): SecondFactorChallenge | undefined {
  const asks = error instanceof ApiError && error.code === 'second_factor_required';
  return asks ? error.problem.secondFactor : undefined;
}

/** Reports whether the error is a 404: the resource does not exist, or the admin may not see it. */
export function isNotFound(error: unknown): boolean {
  return error instanceof ApiError && error.status === 404;
}
