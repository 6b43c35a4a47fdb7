import type { Preview } from '@/api/client';

type Column = Preview['columns'][number];

/** Columns by their names: the source is what stands before the dot. */
export function columnsOf(...names: string[]): Column[] {
  return names.map((name) => ({ name, source: sourceOf(name) }));
}

function sourceOf(name: string): Column['source'] {
  if (name.startsWith('attributes.')) return 'attributes';
  if (name.startsWith('foreign_keys.')) return 'foreign_keys';
  if (name.startsWith('extended_profiles.')) return 'extended_profiles';
  if (name.startsWith('grant.')) return 'grant';
  return name === 'user_store' ? 'user_store' : 'user';
}

const names = [
  'user_id',
  'user_store',
  'identifiers.email_address',
  'identifiers.username',
  'email_verified',
  'updated',
];

/**
 * A preview of two users, one of whom has two subscriptions, with what a test cares about put over
 * it.
 */
export function previewOf(over: Partial<Preview> = {}): Preview {
  const columns = columnsOf(...names, 'attributes.city', 'grant.id', 'grant.product', 'grant.expiry_state');
  const amara = ['01A', 'Meridian UK', 'amara@example.com', 'amara.o', 'true', '', 'Leeds'];
  return {
    columns,
    groups: { user: 8, attributes: 14, extendedProfiles: 3, foreignKeys: 2, grants: 11 },
    rows: [
      [...amara, 'g1', 'Digital Annual', 'expired'],
      [...amara, 'g2', 'Crossword Pass', 'expired'],
      ['01B', 'Meridian UK', 'priya@example.com', '', 'true', '', 'York', '', '', ''],
    ],
    words: 'Everyone in Meridian UK',
    users: 31_206,
    accuracy: 'exact',
    partial: false,
    sampledUsers: 200,
    about: { rows: 40_800, bytes: 31_400_000 },
    notes: [],
    ...over,
  };
}
