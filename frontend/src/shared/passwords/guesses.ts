import { eachPattern } from './patterns';
import type { Kind, Text } from './text';
import { findWords } from './words';

interface Step {
  cost: number;
  from: number;
  kind: Kind;
}

/**
 * Estimates the guesses that a password needs, as a power of ten, and the kinds of its parts. It
 * takes the cheapest division into parts, as in internal/auth/strength/guesses.go.
 */
export function estimate(text: Text, personal: readonly string[]): { guesses: number; kinds: Set<Kind> } {
  const { characters } = text;
  const n = characters.length;
  const best: Step[] = Array.from({ length: n + 1 }, (_, i) => ({ cost: i ? Infinity : 0, from: 0, kind: 'random' }));
  const words = findWords(text, personal);
  const copies: number[] = [];
  for (let from = 0; from < n; from++) {
    const start = best[from]?.cost ?? 0;
    const reach = (to: number, cost: number, kind: Kind) => {
      if (start + cost < (best[to]?.cost ?? 0)) best[to] = { cost: start + cost, from, kind };
    };
    const two = Math.log10(2);
    reach(from + 1, 1, 'random');
    for (const word of words[from] ?? []) reach(word.to, word.cost + two, word.kind);
    eachPattern(characters, from, (to, cost) => reach(to, cost + two, 'pattern'));
    eachRepeat(characters, from, copies, (to, cost) => reach(to, cost + two, 'repeat'));
  }
  const kinds = new Set<Kind>();
  for (let step = best[n]; n > 0 && step; step = step.from > 0 ? best[step.from] : undefined) kinds.add(step.kind);
  return { guesses: best[n]?.cost ?? 0, kinds };
}

// Finds characters that repeat the preceding ones. copies holds the lengths found one character
// earlier.
function eachRepeat(
  characters: readonly string[],
  from: number,
  copies: number[],
  found: (to: number, cost: number) => void,
): void {
  for (let distance = 1; distance <= from; distance++) {
    let length = (copies[distance] ?? 0) - 1;
    if (length < 0) {
      length = 0;
      while (from + length < characters.length && characters[from + length] === characters[from + length - distance]) {
        length++;
      }
    }
    copies[distance] = length;
    if (length < 2 || length < distance) continue;
    for (let whole = Math.max(2, distance); whole < length; whole += distance) {
      found(from + whole, repeatCost(whole, distance));
    }
    found(from + length, repeatCost(length, distance));
  }
}

function repeatCost(length: number, distance: number): number {
  return Math.log10(2 * Math.ceil(length / distance));
}
