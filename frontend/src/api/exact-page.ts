import type { UserPage } from './client';
import { elements, members } from './exact-json';

/**
 * Parses a page of users. A numeric attribute with more digits than JavaScript keeps becomes a
 * string of its digits.
 */
export function exactPage(text: string): UserPage {
  const page: UserPage = JSON.parse(text);
  for (const [i, user] of elements(members(text).get('results') ?? '[]').entries()) {
    const attributes = page.results[i]?.attributes;
    if (!attributes) continue;
    for (const [slug, written] of members(members(user).get('attributes') ?? '{}')) {
      const value = Object.hasOwn(attributes, slug) ? attributes[slug] : undefined;
      if (typeof value !== 'number' || String(value) === written || !/^-?[\d.]{16,}$/.test(written)) continue;
      Object.defineProperty(attributes, slug, { value: written, enumerable: true });
    }
  }
  return page;
}
