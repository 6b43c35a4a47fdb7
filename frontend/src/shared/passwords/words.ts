import list from '../../../../internal/auth/strength/common.txt?raw';
import type { Form, Kind, Text } from './text';
import { fold } from './text';

const product = 'egress';
const minWord = 3; // characters

// The rank of each common password, from 1.
const ranks = new Map(
  list
    .trim()
    .split('\n')
    .map((word, i) => [word, i + 1] as const),
);
const maxWord = Math.max(...Array.from(ranks.keys(), (word) => word.length));

export interface WordMatch {
  to: number;
  cost: number; // guesses, as a power of ten
  kind: Kind;
}

const two = Math.log10(2);

/** Returns the words in a text by their start: plain, with substitutions undone, and reversed. */
export function findWords(text: Text, personal: readonly string[]): WordMatch[][] {
  const n = text.characters.length;
  const found: WordMatch[][] = Array.from({ length: n }, () => []);
  const add = (from: number, to: number, cost: number, kind: Kind) => {
    found[from]?.push({ to, cost: cost + caseCost(text.upper.slice(from, to)), kind });
  };
  eachWord(text.plain, n, personal, (from, to, cost, kind) => add(from, to, cost, kind));
  for (const form of text.leet) {
    eachWord(form, n, personal, (from, to, cost, kind) => {
      if (form.cut(from, to) !== text.plain.cut(from, to)) add(from, to, cost + two, kind);
    });
  }
  eachWord(text.reversed, n, personal, (from, to, cost, kind) => add(n - to, n - from, cost + two, kind));
  return found;
}

function eachWord(
  form: Form,
  n: number,
  personal: readonly string[],
  found: (from: number, to: number, cost: number, kind: Kind) => void,
): void {
  for (let from = 0; from < n; from++) {
    for (let to = from + minWord; to <= Math.min(n, from + maxWord); to++) {
      const rank = ranks.get(form.cut(from, to));
      if (rank !== undefined) found(from, to, Math.log10(rank), 'common');
    }
    for (const word of personal) {
      if (form.startsWith(word, from)) found(from, from + Array.from(word).length, 0, 'personal');
    }
  }
}

// Capitals in common places (first, last, all) add little. Each capital elsewhere doubles the
// guesses.
function caseCost(upper: readonly boolean[]): number {
  const count = upper.filter(Boolean).length;
  if (count === 0) return 0;
  if (count === upper.length || (count === 1 && (upper[0] || upper.at(-1)))) return two;
  return two * count;
}

/**
 * Returns the words that an attacker tries first: the product's name, the admin's personal words
 * and their parts.
 */
export function personalWords(about: readonly string[]): string[] {
  const words = [product];
  for (const one of about) {
    const whole = fold(one).plain.text;
    const parts = whole.split(/[^\p{L}\p{N}]+/u);
    words.push(whole, parts.join(''), ...parts);
    const at = whole.indexOf('@');
    if (at >= 0) words.push(whole.slice(0, at), whole.slice(at + 1));
  }
  return [...new Set(words)].filter((word) => Array.from(word).length >= minWord);
}
