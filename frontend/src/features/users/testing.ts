import type { Field, Grant, User, UserSchema } from '@/api/client';

/** Returns a user for tests, with the given fields replaced. */
export function userOf(id: string, over: Partial<User> = {}): User {
  return {
    user_id: id,
    user_store_id: 'uk',
    identifiers: { email_address: `${id}@example.com` },
    email_verified: true,
    registered: '2023-02-14T12:00:00.000Z',
    last_login: '2026-08-28T12:00:00.000Z',
    updated: '2026-09-02T03:00:00.000Z',
    attributes: {},
    foreign_keys: {},
    extended_profiles: {},
    account_ids: [],
    grants: [],
    ...over,
  };
}

/** A subscription for tests. */
export function grantOf(id: string, over: Partial<Grant> = {}): Grant {
  return {
    grantId: id,
    expiry_state: 'expired',
    entitlement_type: 'bundle',
    entitlement_id: 'all-digital',
    product_id: 'digital-annual',
    startTime: '2025-05-22T12:00:00.000Z',
    endTime: '2026-05-22T12:00:00.000Z',
    createdAt: '2025-05-22T12:00:00.000Z',
    ...over,
  };
}

/** Returns a schema for tests. The labels are the slugs, the default type is text. */
export function schemaOf(...fields: [slug: string, type?: Field['input-type']][]): UserSchema {
  return {
    fields: fields.map(([slug, type = 'text']) => ({ slug, label: slug, 'input-type': type })),
    foreignSystems: [],
    appIds: [],
    products: [],
    userColumns: null,
  };
}
