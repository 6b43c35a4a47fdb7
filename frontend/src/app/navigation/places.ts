import {
  IconFileExport,
  IconHistory,
  IconKey,
  IconMail,
  IconSettings,
  IconUserShield,
  IconUsers,
} from '@tabler/icons-react';
import type { Role } from '@/api/client';

type Seen = (role: Role | null, hasOutbox: boolean) => boolean;

const always: Seen = () => true;
// Viewers start no exports, so they get no emails, and they create no key pairs.
const acts: Seen = (role) => role !== 'viewer';
const gets: Seen = (role, hasOutbox) => hasOutbox && role !== 'viewer';
const owns: Seen = (role) => role === 'owner';

const places = [
  { to: '/t/$tenant/users', label: 'Users', icon: IconUsers, seen: always },
  { to: '/t/$tenant/exports', label: 'Exports', icon: IconFileExport, seen: always },
  { to: '/t/$tenant/outbox', label: 'Outbox', icon: IconMail, seen: gets },
  { to: '/t/$tenant/key-pairs', label: 'API keys', icon: IconKey, seen: acts },
  { to: '/t/$tenant/members', label: 'Members', icon: IconUserShield, seen: owns },
  { to: '/t/$tenant/audit-log', label: 'Activity', icon: IconHistory, seen: owns },
  { to: '/t/$tenant/settings', label: 'Settings', icon: IconSettings, seen: always },
] as const;

/** Returns the pages of a tenant that an admin with this role sees, in the order of the navigation. */
export function placesOf(role: Role | null, hasOutbox: boolean) {
  return places.filter(({ seen }) => seen(role, hasOutbox));
}
