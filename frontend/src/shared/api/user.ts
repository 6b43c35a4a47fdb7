import { useQuery } from '@tanstack/react-query';
import { answered, api, inTenant, type UserDetail } from './client';
import { members } from './exact-json';
import { keys } from './keys';

/** A user with what JSON.parse would change kept as it was written. */
export interface ExactUser extends UserDetail {
  /** Extended profiles by app id, as stored. */
  profiles: ReadonlyMap<string, string>;
  /** Attributes by slug, as the server writes them. */
  attributes: ReadonlyMap<string, string>;
}

/** Reads the server's answer. */
export function exactUser(text: string): ExactUser {
  const detail: UserDetail = JSON.parse(text);
  const user = members(members(text).get('user') ?? '{}');
  return {
    ...detail,
    profiles: members(user.get('extended_profiles') ?? '{}'),
    attributes: members(user.get('attributes') ?? '{}'),
  };
}

/** One user, with the names of the accounts involved; null asks nothing. */
export function useExactUser(tenant: string, userId: string | null) {
  return useQuery({
    queryKey: keys.user(tenant, userId ?? ''),
    queryFn: async ({ signal }) => {
      const params = { path: { userId: userId ?? '' }, header: inTenant(tenant) };
      return exactUser(await answered(api.GET('/v4/users/{userId}', { params, parseAs: 'text', signal })));
    },
    enabled: userId !== null,
  });
}
