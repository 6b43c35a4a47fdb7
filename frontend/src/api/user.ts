import { useQuery } from '@tanstack/react-query';
import { answered, api, inTenant, type UserDetail } from './client';
import { members } from './exact-json';
import { keys } from './keys';

/**
 * A user whose profiles and attributes are kept as JSON source text, because JSON.parse would
 * change some values.
 */
export interface ExactUser extends UserDetail {
  /** Extended profiles by app id, as stored. */
  profiles: ReadonlyMap<string, string>;
  /** Attributes by slug, as JSON source text. */
  attributes: ReadonlyMap<string, string>;
}

/** Parses the server's answer. */
export function exactUser(text: string): ExactUser {
  const detail: UserDetail = JSON.parse(text);
  const user = members(members(text).get('user') ?? '{}');
  return {
    ...detail,
    profiles: members(user.get('extended_profiles') ?? '{}'),
    attributes: members(user.get('attributes') ?? '{}'),
  };
}

/** Returns one user with the names of the accounts involved; no request for null. */
export function useExactUser(tenant: string, userId: string | null) {
  return useQuery({
    queryKey: keys.user(tenant, userId ?? ''),
    queryFn: async ({ signal }) => {
      const params = { path: { userId: userId ?? '' }, header: inTenant(tenant) };
      return exactUser(await answered(api.GET('/v4/users/{userId}', { params, parseAs: 'text', signal })));
    },
    structuralSharing: false, // sharing copies objects by assignment, which loses an attribute called __proto__
    enabled: userId !== null,
  });
}
