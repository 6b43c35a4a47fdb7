/** Why the server does not accept a text as a number. The rules are those of internal/users/number.go. */
export type NumberProblem = 'none' | 'digits' | 'magnitude';

interface Decimal {
  digits: string; // without leading and trailing zeros
  exponent: number; // the value is ±0.<digits> × 10^exponent
}

const grammar = /^-?(0|[1-9]\d*)(?:\.(\d+))?(?:[eE]([+-]?\d+))?$/; // RFC 8259, section 6
const [least, most] = [-(2n ** 63n), 2n ** 63n - 1n];

/** Returns what is wrong with a number; null if the server can store exactly that value. */
export function numberProblem(text: string): NumberProblem | null {
  const d = decimal(text);
  if (!d) return 'none';
  if (isWhole(d)) {
    const n = whole(d, text.startsWith('-'));
    if (n >= least && n <= most) return null;
  }
  const value = Number(text);
  if (!Number.isFinite(value) || value === 0) return 'magnitude';
  const back = decimal(String(value));
  return back?.digits === d.digits && back.exponent === d.exponent ? null : 'digits';
}

/** Reports whether a is less than b. Both must be valid numbers. */
export function isLess(a: string, b: string): boolean {
  const [x, y] = [decimal(a), decimal(b)];
  if (x && y && isWhole(x) && isWhole(y)) return whole(x, a.startsWith('-')) < whole(y, b.startsWith('-'));
  return Number(a) < Number(b);
}

function decimal(text: string): Decimal | null {
  const match = grammar.exec(text);
  if (!match) return null;
  const [, integer = '', fraction = '', exponent = '0'] = match;
  const all = integer + fraction;
  const trimmed = all.replace(/^0+/, '');
  const digits = trimmed.replace(/0+$/, '');
  if (!digits) return { digits: '', exponent: 0 };
  return { digits, exponent: Number(exponent) + integer.length - (all.length - trimmed.length) };
}

function isWhole({ digits, exponent }: Decimal): boolean {
  return exponent >= digits.length && exponent <= 19; // an int64 has at most 19 digits
}

function whole({ digits, exponent }: Decimal, negative: boolean): bigint {
  const n = BigInt(digits.padEnd(exponent, '0') || '0');
  return negative ? -n : n;
}
