import type { Role } from '@/api/client';

/** The labels and rights of the roles, the one with the most rights first. */
export const roles: Record<Role, { name: string; may: string }> = {
  owner: {
    name: 'Owner',
    may: 'Can do everything, including settings, members, the API keys of all members and the activity.',
  },
  exporter: { name: 'Exporter', may: 'Can view users, export them and download the files.' },
  viewer: {
    name: 'Viewer',
    may: 'Can view users and the progress of exports. Cannot start exports or download files.',
  },
};

/** Returns the role of a value; undefined for any other text. */
export function roleOf(value: string | null): Role | undefined {
  return value !== null && Object.hasOwn(roles, value) ? (value as Role) : undefined;
}

/** The choices of a list of roles. */
export const choices = Object.entries(roles).map(([value, { name: label }]) => ({ value, label }));
