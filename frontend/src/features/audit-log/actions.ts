import type { AuditKind, AuditRecord } from '@/api/client';

/** The actions of the records, in the past tense. */
export const actionLabels: Record<AuditKind, string> = {
  signed_in: 'Logged in',
  sign_in_failed: 'Failed to log in',
  sign_in_throttled: 'Log-in refused: too many attempts',
  signed_out: 'Logged out',
  export_started: 'Started an export',
  export_cancelled: 'Cancelled an export',
  link_given: 'Received a download link',
  file_downloaded: 'Downloaded a file',
  file_streamed: 'Streamed a file',
  export_previewed: 'Previewed an export',
  users_counted: 'Counted users',
  users_listed: 'Viewed the list of users',
  users_exported: 'Downloaded users as JSON',
  user_viewed: 'Viewed a user',
  user_created: 'Created a user',
  user_changed: 'Changed a user',
  user_deleted: 'Deleted a user',
  schema_changed: 'Changed the user schema',
  key_pair_made: 'Created an API key',
  key_pair_annotated: 'Changed an API key',
  key_pair_revoked: 'Revoked an API key',
  signature_refused: 'Signed requests were refused',
  saved_filter_created: 'Saved a filter',
  saved_filter_changed: 'Changed a saved filter',
  saved_filter_deleted: 'Deleted a saved filter',
  feature_switched: 'Changed a feature',
  settings_changed: 'Changed the settings',
  audit_log_exported: 'Downloaded the activity',
  admin_invited: 'Invited a member',
  invitation_withdrawn: 'Withdrew an invitation',
  invitation_taken: 'Accepted an invitation',
  role_changed: 'Changed a role',
  admin_removed: 'Removed a member',
  account_changed: 'Changed their account',
  password_changed: 'Changed their password',
  password_reset_requested: 'Asked for a link to reset the password',
  password_reset: 'Reset their password',
  sessions_ended: 'Ended sessions',
  command_run: 'Ran a command on the server',
  second_factor_asked: 'Entered the correct password',
  second_factor_added: 'Added a second factor',
  second_factor_removed: 'Removed a second factor',
  second_factor_failed: 'Failed the second factor',
  recovery_codes_made: 'Created new recovery codes',
  recovery_code_used: 'Used a recovery code',
  session_confirmed: 'Confirmed a session',
};

/** The kinds of records to filter by, in groups. */
export const groups: Record<string, { title: string; kinds: readonly AuditKind[] }> = {
  access: {
    title: 'Log-in',
    kinds: [
      'signed_in',
      'sign_in_failed',
      'sign_in_throttled',
      'signed_out',
      'sessions_ended',
      'second_factor_asked',
      'second_factor_failed',
      'recovery_code_used',
      'session_confirmed',
    ],
  },
  accounts: {
    title: 'Accounts',
    kinds: [
      'account_changed',
      'password_changed',
      'password_reset_requested',
      'password_reset',
      'second_factor_added',
      'second_factor_removed',
      'recovery_codes_made',
    ],
  },
  exports: {
    title: 'Exports',
    kinds: [
      'export_started',
      'export_cancelled',
      'link_given',
      'file_downloaded',
      'file_streamed',
      'export_previewed',
      'users_exported',
    ],
  },
  users: {
    title: 'Users',
    kinds: [
      'users_counted',
      'users_listed',
      'users_exported',
      'user_viewed',
      'user_created',
      'user_changed',
      'user_deleted',
      'schema_changed',
      'saved_filter_created',
      'saved_filter_changed',
      'saved_filter_deleted',
    ],
  },
  keys: { title: 'API keys', kinds: ['key_pair_made', 'key_pair_annotated', 'key_pair_revoked', 'signature_refused'] },
  admins: {
    title: 'Members',
    kinds: ['admin_invited', 'invitation_withdrawn', 'invitation_taken', 'role_changed', 'admin_removed'],
  },
  settings: { title: 'Settings', kinds: ['feature_switched', 'settings_changed', 'audit_log_exported'] },
  operator: { title: 'Commands', kinds: ['command_run'] },
};

const ofJobs: readonly AuditKind[] = [
  'export_started',
  'export_cancelled',
  'link_given',
  'file_downloaded',
  'file_streamed',
];
const ofUsers: readonly AuditKind[] = ['user_viewed', 'user_created', 'user_changed'];

/** Returns the job or user that a record is about; null if no page shows its subject. */
export function placeOf({ kind, subject }: AuditRecord): { job: string } | { user: string } | null {
  if (!subject) return null;
  if (ofJobs.includes(kind)) return { job: subject };
  if (ofUsers.includes(kind)) return { user: subject };
  return null;
}

/** The kinds of refused actions. */
export const refusals: readonly AuditKind[] = ['sign_in_failed', 'sign_in_throttled', 'signature_refused'];

/** Returns who acted: the email address, or a description if no admin is known. */
export function actorOf({ kind, email }: AuditRecord): string {
  if (email) return email;
  if (kind === 'command_run') return 'the operator';
  return kind === 'signature_refused' ? 'a program' : 'unknown account';
}
