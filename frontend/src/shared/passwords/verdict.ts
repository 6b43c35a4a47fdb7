import { useEffect, useState } from 'react';
import type { Reason, Strength } from './strength';

export const minCharacters = 12; // as in strength.ts, which is loaded later

const guessesPerSecond = 10_000;

/** The verdict on a password while it is typed. */
export interface Verdict {
  /** 0 to 4, of which 2 and more are accepted. */
  level: 0 | 1 | 2 | 3 | 4;
  words: string;
}

/**
 * Returns the server's likely verdict and, for an accepted password, the estimated time to guess
 * it.
 */
export function verdictOf(password: string, { reason, characters, guesses }: Strength): Verdict {
  if (!password) return empty;
  if (reason === 'short') return { level: 1, words: `Too short: ${characters} of ${minCharacters} characters` };
  if (reason) return { level: 1, words: refusals[reason] };
  const lasts = `${span(10 ** guesses / guessesPerSecond)} at 10,000 guesses per second`;
  if (guesses < 10) return { level: 2, words: `Fair: ${lasts}. A longer one lasts longer` };
  if (guesses < 14) return { level: 3, words: `Good: ${lasts}` };
  return { level: 4, words: `Strong: ${lasts}` };
}

const empty: Verdict = { level: 0, words: `At least ${minCharacters} characters. Several unrelated words are best` };

const refusals: Record<Exclude<Reason, 'short'>, string> = {
  long: 'Too long: at most 1,024 bytes',
  email: 'Contains your email address',
  personal: 'Easy to guess: mostly your email address, a name or “egress”',
  common: 'Easy to guess: among the most used passwords, or made of them',
  pattern: 'Easy to guess: follows the alphabet, numbers, a keyboard or a date',
  repeats: 'Easy to guess: repeats itself',
};

const units = [
  ['hour', 3_600],
  ['day', 86_400],
  ['year', 31_557_600],
] as const;
const most = 1_000; // years; an estimate says no more

function span(seconds: number): string {
  const [unit, size] = units.findLast(([, size]) => seconds >= size) ?? units[0];
  const number = Math.round(seconds / size);
  if (unit === 'year' && number > most) return 'more than 1,000 years';
  return `about ${number} ${unit}${number === 1 ? '' : 's'}`;
}

/** Returns the verdict on a password; null until the list of common passwords is loaded. */
export function useVerdict(password: string, about: readonly string[]): Verdict | null {
  const [check, setCheck] = useState<Check | null>(null);
  const wanted = password !== '';
  useEffect(() => {
    if (!wanted || check) return;
    let gone = false;
    load().then(
      (loaded) => gone || setCheck(() => loaded),
      () => {}, // the server decides
    );
    return () => {
      gone = true;
    };
  }, [wanted, check]);
  if (!wanted) return empty;
  return check && verdictOf(password, check(password, about));
}

/**
 * Returns why the server would refuse a password; null if it would accept it, or if the list of
 * common passwords cannot be loaded. Then the server decides. Call it when a form is submitted.
 */
export async function refusalOf(password: string, about: readonly string[]): Promise<string | null> {
  if (!password) return `Choose a password of at least ${minCharacters} characters`;
  try {
    const strength = (await load())(password, about);
    return strength.reason && verdictOf(password, strength).words;
  } catch {
    return null;
  }
}

type Check = (password: string, about: readonly string[]) => Strength;

async function load(): Promise<Check> {
  return (await import('./strength')).check;
}
