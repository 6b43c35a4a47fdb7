const minPattern = 3; // characters

type Found = (to: number, cost: number) => void;

/**
 * Calls found with the end and the guesses (a power of ten) of every pattern that starts at from.
 */
export function eachPattern(characters: readonly string[], from: number, found: Found): void {
  eachSequence(characters, from, found);
  for (const keys of keyboards) eachWalk(keys, characters, from, found);
  eachDate(characters, from, found);
}

// The alphabet and numbers, forwards and backwards: abcd, 7890123, zyx.
function eachSequence(characters: readonly string[], from: number, found: Found): void {
  const first = characters[from] ?? '';
  const base = 'az019'.includes(first) ? 4 : isDigit(first) ? 10 : 26;
  for (const forwards of [true, false]) {
    for (let to = from + 1; to < characters.length; to++) {
      const [before = '', after = ''] = [characters[to - 1], characters[to]];
      if (!(forwards ? follows(before, after) : follows(after, before))) break;
      const length = to + 1 - from;
      if (length >= minPattern) found(to + 1, Math.log10((forwards ? base : 2 * base) * length));
    }
  }
}

// Whether b comes after a in an alphabet, or among the digits; the first after the last.
function follows(a: string, b: string): boolean {
  if ((a === '9' && b === '0') || (a === 'z' && b === 'a')) return true;
  const same = (isDigit(a) && isDigit(b)) || (isLetter(a) && isLetter(b));
  return same && b.codePointAt(0) === (a.codePointAt(0) ?? 0) + 1;
}

// Places on a keyboard. The row below is half a key to the right.
type Keys = ReadonlyMap<string, readonly [row: number, column: number]>;

const keyboards: Keys[] = [
  keyboard('1234567890-=', 'qwertyuiop[]', "asdfghjkl;'", 'zxcvbnm,./', '!@#$%^&*()_+'),
  keyboard('1234567890', 'qwertzuiopü+', 'asdfghjklöä#', 'yxcvbnm,.-', '!"§$%&/()='),
  keyboard('1234567890', 'azertyuiop^$', 'qsdfghjklmù*', 'wxcvbn,;:!', '&é"\'(-è_çà'),
];

// Four rows, and the signs that the first row has, too.
function keyboard(...rows: string[]): Keys {
  const keys = new Map<string, readonly [number, number]>();
  rows.forEach((signs, row) => {
    Array.from(signs).forEach((sign, column) => {
      if (!keys.has(sign)) keys.set(sign, [row % 4, column]);
    });
  });
  return keys;
}

const steps = new Set(['0,1', '0,-1', '1,0', '1,-1', '-1,0', '-1,1']);

// Walks from key to neighbouring key; every change of direction is a choice of five.
function eachWalk(keys: Keys, characters: readonly string[], from: number, found: Found): void {
  let at = keys.get(characters[from] ?? '');
  let direction = '';
  let turns = 0;
  for (let to = from + 1; to < characters.length; to++) {
    const next = keys.get(characters[to] ?? '');
    if (!at || !next) return;
    const step = `${next[0] - at[0]},${next[1] - at[1]}`;
    if (!steps.has(step)) return;
    if (step !== direction) turns++;
    direction = step;
    at = next;
    const length = to + 1 - from;
    if (length >= minPattern) found(to + 1, Math.log10(50 * length) + turns * Math.log10(5));
  }
}

const years = 120;
const days = 365;

// Day, month and year in their orders; a sign may stand between, or the same twice.
const [day, month, century, short] = ['(?:0[1-9]|[12]\\d|3[01])', '(?:0[1-9]|1[0-2])', '(?:19|20)\\d\\d', '\\d\\d'];
const dates = [
  [day, month, century],
  [month, day, century],
  [century, month, day],
  [day, month, short],
  [month, day, short],
  [short, month, day],
].map((parts) => new RegExp(`^${parts.join('([-./_ ]?)')}`));

// Years, and dates with or without a sign between their numbers.
function eachDate(characters: readonly string[], from: number, found: Found): void {
  if (!isDigit(characters[from] ?? '')) return;
  const rest = characters.slice(from, from + 'dd.mm.yyyy'.length).join('');
  if (/^(?:19|20)\d\d/.test(rest)) found(from + 4, Math.log10(years));
  for (const date of dates) {
    const match = date.exec(rest);
    if (match && (!match[1] || !match[2] || match[1] === match[2]))
      found(from + match[0].length, Math.log10(years * days));
  }
}

function isDigit(character: string): boolean {
  return /^[0-9]$/.test(character);
}

function isLetter(character: string): boolean {
  return /^\p{L}$/u.test(character);
}
