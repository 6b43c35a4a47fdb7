import { createContext, useContext } from 'react';

/** The tenants whose socket is open now. */
export const OpenSocketsContext = createContext<ReadonlySet<string>>(new Set());

/**
 * Reports whether an open socket reports this admin's jobs in the tenant. If not, the caller should
 * poll.
 */
export function useHasSocket(tenant: string): boolean {
  return useContext(OpenSocketsContext).has(tenant);
}
