import { createContext, useContext } from 'react';

/** The tenants whose socket is open now. */
export const LinkContext = createContext<ReadonlySet<string>>(new Set());

/** Reports whether a socket tells of this admin's jobs in the tenant; where none does, one polls. */
export function useIsLinked(tenant: string): boolean {
  return useContext(LinkContext).has(tenant);
}
