import type { Me, Role } from '@/api/client';

/** Who is logged in, with that role. */
export function meOf(role: Role): Me {
  return {
    user_id: 'u1',
    email: 'amelia.hart@example.com',
    name: 'Amelia Hart',
    tenant: 'meridian',
    role,
    tenants: [{ id: 'meridian', name: 'Meridian Press', role, retentionSeconds: 604_800, secondFactorMissing: false }],
    outbox: false,
  };
}
