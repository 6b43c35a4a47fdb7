import type { Role } from '@/shared/api/client';

/** The roles as they are shown, the one with the most rights first, and what each may do. */
export const roles: Record<Role, { name: string; may: string }> = {
  owner: { name: 'Owner', may: 'May do everything: also settings, admins, everyone’s key pairs and the audit log.' },
  exporter: { name: 'Exporter', may: 'Looks at users, exports them and downloads the files.' },
  viewer: { name: 'Viewer', may: 'Looks at users and at how exports stand. Starts none and downloads nothing.' },
};

/** The role that is shown under a value; undefined for any other text. */
export function roleOf(value: string | null): Role | undefined {
  return value !== null && Object.hasOwn(roles, value) ? (value as Role) : undefined;
}

/** The choices of a list of roles. */
export const choices = Object.entries(roles).map(([value, { name: label }]) => ({ value, label }));
