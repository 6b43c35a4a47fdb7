import type { AuditKind, AuditRecord } from '@/shared/api/client';

/** What a record says of who did it, in the past tense. */
export const deeds: Record<AuditKind, string> = {
  signed_in: 'Signed in',
  sign_in_failed: 'Failed to sign in',
  signed_out: 'Signed out',
  export_started: 'Started an export',
  export_cancelled: 'Cancelled an export',
  link_given: 'Was given a link to a file',
  file_streamed: 'Streamed a file',
  export_previewed: 'Saw the first rows of an export',
  users_listed: 'Looked at the users',
  users_exported: 'Fetched users as JSON',
  user_viewed: 'Looked at a user',
  user_created: 'Created a user',
  user_changed: 'Changed a user',
  user_deleted: 'Deleted a user',
  schema_changed: 'Changed the user schema',
  key_pair_made: 'Made a key pair',
  key_pair_annotated: 'Named a key pair',
  key_pair_revoked: 'Revoked a key pair',
  feature_switched: 'Switched a feature',
  settings_changed: 'Changed the settings',
  audit_log_exported: 'Saved this log',
  admin_invited: 'Invited an admin',
  invitation_taken: 'Took an invitation',
  role_changed: 'Changed a role',
  admin_removed: 'Removed an admin',
};

/** What records are chosen by: groups of kinds, as one would ask for them. */
export const groups: Record<string, { title: string; kinds: readonly AuditKind[] }> = {
  access: { title: 'Signing in', kinds: ['signed_in', 'sign_in_failed', 'signed_out'] },
  exports: {
    title: 'Exports',
    kinds: ['export_started', 'export_cancelled', 'link_given', 'file_streamed', 'export_previewed', 'users_exported'],
  },
  users: {
    title: 'Users',
    kinds: [
      'users_listed',
      'users_exported',
      'user_viewed',
      'user_created',
      'user_changed',
      'user_deleted',
      'schema_changed',
    ],
  },
  keys: { title: 'Key pairs', kinds: ['key_pair_made', 'key_pair_annotated', 'key_pair_revoked'] },
  admins: { title: 'Admins', kinds: ['admin_invited', 'invitation_taken', 'role_changed', 'admin_removed'] },
  settings: { title: 'Settings', kinds: ['feature_switched', 'settings_changed', 'audit_log_exported'] },
};

const ofJobs: readonly AuditKind[] = ['export_started', 'export_cancelled', 'link_given', 'file_streamed'];
const ofUsers: readonly AuditKind[] = ['user_viewed', 'user_created', 'user_changed'];

/** Where the subject of a record is to be seen, if anywhere. */
export function placeOf({ kind, subject }: AuditRecord): { job: string } | { user: string } | null {
  if (!subject) return null;
  if (ofJobs.includes(kind)) return { job: subject };
  if (ofUsers.includes(kind)) return { user: subject };
  return null;
}
