import { estimate } from './guesses';
import { fold } from './text';
import { personalWords } from './words';

// The rules of internal/auth/strength, whose verdict counts. The tests of both use the same table.
// Import this file dynamically, because it contains the list of common passwords.

export const minCharacters = 12; // grapheme clusters: characters as people count them
const maxBytes = 1024;
const minGuesses = 8; // as a power of ten

/** Why a password is refused. */
export type Reason = 'long' | 'short' | 'email' | 'personal' | 'common' | 'pattern' | 'repeats';

export interface Strength {
  reason: Reason | null;
  characters: number;
  /** The estimate, as a power of ten; 0 where it was not needed. */
  guesses: number;
}

/**
 * Returns the server's likely verdict. about holds the admin's personal words: email address,
 * name, tenant's name.
 */
export function check(password: string, about: readonly string[]): Strength {
  const typed = password.normalize('NFC');
  const characters = count(typed);
  const refused = (reason: Reason, guesses = 0) => ({ reason, characters, guesses });
  if (new TextEncoder().encode(password).length > maxBytes) return refused('long');
  if (characters < minCharacters) return refused('short');
  const text = fold(typed);
  if (about.some((one) => /.@./.test(one) && text.plain.text.includes(fold(one).plain.text))) return refused('email');
  const { guesses, kinds } = estimate(text, personalWords(about));
  if (guesses >= minGuesses) return { reason: null, characters, guesses };
  if (kinds.has('personal')) return refused('personal', guesses);
  if (kinds.has('common')) return refused('common', guesses);
  return refused(kinds.has('pattern') ? 'pattern' : 'repeats', guesses);
}

function count(text: string): number {
  return Array.from(new Intl.Segmenter().segment(text)).length;
}
