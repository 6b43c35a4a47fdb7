import type { Role } from '@/api/client';

/** Returns the first letters of the first and the last word: "Meridian Press" → "MP". */
export function initials(name: string): string {
  const words = name.split(/[^\p{L}\p{N}]+/u).filter(Boolean);
  const ends = words.length > 1 ? [words[0], words.at(-1)] : words;
  return ends.map((word) => [...(word ?? '')][0]?.toLocaleUpperCase() ?? '').join('');
}

/** The labels of the roles. */
export const roleNames: Record<Role, string> = { owner: 'Owner', exporter: 'Exporter', viewer: 'Viewer' };
