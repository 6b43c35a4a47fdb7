import { useEffect } from 'react';
import type { Me } from './client';

// The tenant that this browser opened last. It is only a convenience: the server decides who may
// open a tenant.
const memory = 'egress-tenant';

function lastTenant(): string | null {
  try {
    return localStorage.getItem(memory);
  } catch {
    return null; // storage is forbidden
  }
}

/** Stores in this browser which tenant was opened last. */
export function useLastTenant(tenant: string): void {
  useEffect(() => {
    try {
      localStorage.setItem(memory, tenant);
    } catch {
      // Storage is forbidden. The start page asks for the tenant.
    }
  }, [tenant]);
}

/**
 * Returns the tenant to open first: the admin's only one, or the one that this browser opened last
 * if the admin is still a member. Returns undefined if the admin has to choose, or has no tenant.
 */
export function startTenant({ tenants }: Me): string | undefined {
  const [first, second] = tenants;
  if (first && !second) return first.id;
  const last = lastTenant();
  return tenants.find(({ id }) => id === last)?.id;
}
