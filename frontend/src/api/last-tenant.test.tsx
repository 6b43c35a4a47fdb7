import { render } from '@testing-library/react';
import { afterEach, expect, it } from 'vitest';
import { meOf } from '@/shared/testing/me';
import type { Me } from './client';
import { startTenant, useLastTenant } from './last-tenant';

afterEach(() => localStorage.clear());

// An admin of tenants with those ids.
function meWith(...ids: string[]): Me {
  const [membership] = meOf('owner').tenants;
  return { ...meOf('owner'), tenant: null, tenants: ids.flatMap((id) => (membership ? [{ ...membership, id }] : [])) };
}

function Opened({ tenant }: { tenant: string }) {
  useLastTenant(tenant);
  return null;
}

it('begins in the only tenant, whatever was open before', () => {
  render(<Opened tenant="other" />);
  expect(startTenant(meWith('meridian'))).toBe('meridian');
});

it('begins where this browser was last, while the admin is a member', () => {
  render(<Opened tenant="northwind" />);
  expect(startTenant(meWith('meridian', 'northwind'))).toBe('northwind');
  expect(startTenant(meWith('meridian', 'harbour'))).toBeUndefined();
});

it('chooses none of several by itself', () => {
  expect(startTenant(meWith('meridian', 'northwind'))).toBeUndefined();
  expect(startTenant(meWith())).toBeUndefined();
});
