/** The kind of a part of a password; `random` if no rule matches. */
export type Kind = 'random' | 'common' | 'personal' | 'pattern' | 'repeat';

/** A string whose substrings are cut by character (code point). */
export class Form {
  readonly text: string;
  private readonly at: number[] = []; // where each character begins, and the length, in UTF-16 units

  constructor(characters: readonly string[]) {
    this.text = characters.join('');
    let at = 0;
    for (const character of characters) {
      this.at.push(at);
      at += character.length;
    }
    this.at.push(at);
  }

  cut(from: number, to: number): string {
    return this.text.slice(this.at[from], this.at[to]);
  }

  startsWith(word: string, from: number): boolean {
    return this.text.startsWith(word, this.at[from]);
  }
}

/** A password in the forms that are compared. All forms have the same number of characters. */
export interface Text {
  characters: string[]; // in lower case
  upper: boolean[]; // whether the character was in upper case
  plain: Form;
  reversed: Form;
  leet: Form[]; // substitutions undone: each holds one reading of the ambiguous ones
}

const lookedAt = 256; // characters; it bounds the time

/** Normalizes what a guess does not distinguish: compatibility forms (NFKC) and case. */
export function fold(text: string): Text {
  const typed = Array.from(text.normalize('NFKC')).slice(0, lookedAt);
  const characters = typed.map(lower);
  const plain = new Form(characters);
  return {
    characters,
    upper: typed.map((character, i) => character !== characters[i]),
    plain,
    reversed: new Form(characters.toReversed()),
    leet: substitutions
      .map((letters) => new Form(characters.map((character) => letters[character] ?? character)))
      .filter((form) => form.text !== plain.text),
  };
}

function lower(character: string): string {
  const folded = character.toLowerCase();
  return Array.from(folded).length === 1 ? folded : character;
}

// The letters that digits and signs stand for: two readings.
const shared = { 0: 'o', 2: 'z', 3: 'e', 4: 'a', '@': 'a', 5: 's', $: 's', '+': 't', 8: 'b', '(': 'c' };
const substitutions: Record<string, string>[] = [
  { ...shared, 1: 'i', '!': 'i', 6: 'g', 7: 't', 9: 'g', '|': 'i' },
  { ...shared, 1: 'l', '!': 'l', 6: 'b', 7: 'l', 9: 'q', '|': 'l' },
];
