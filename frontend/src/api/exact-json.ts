// Reads JSON and keeps its source text. JSON.parse turns 33.10 into 33.1, rounds long numbers and
// drops repeated names.

/**
 * Returns the members of an object by name, each value as source text; none if the text is not an
 * object.
 */
export function members(text: string): Map<string, string> {
  const found = new Map<string, string>();
  for (const { name, value } of parts(text, '{')) if (name !== null) found.set(String(JSON.parse(name)), value);
  return found;
}

/** Returns the elements of an array as source text; none if the text is not an array. */
export function elements(text: string): string[] {
  return parts(text, '[').map(({ value }) => value);
}

const maxIndent = 40; // levels; text nested thousands of levels deep would consist of blanks

/** Returns the same JSON with one line per member, indented by two blanks per level. */
export function indented(text: string): string {
  const out: string[] = [];
  let depth = 0;
  let before = '';
  const line = () => `\n${'  '.repeat(Math.min(depth, maxIndent))}`;
  for (const { token } of tokens(text)) {
    const opens = before === '{' || before === '[';
    if (token === '}' || token === ']') {
      depth--;
      out.push(opens ? token : line() + token);
    } else {
      if (opens || before === ',') out.push(line());
      out.push(token === ':' ? ': ' : token);
      if (token === '{' || token === '[') depth++;
    }
    before = token;
  }
  return out.join('');
}

interface Part {
  /** The quoted name; null in an array. */
  name: string | null;
  value: string;
}

function parts(text: string, open: '{' | '['): Part[] {
  const found: Part[] = [];
  let depth = 0;
  let name: string | null = null;
  let begin = -1;
  for (const { token, at } of tokens(text)) {
    if (depth === 0 && token !== open) return found; // another kind of value
    const ends = token === '}' || token === ']';
    if (depth === 1) {
      if (token === ',' || ends) {
        if (begin >= 0) found.push({ name, value: text.slice(begin, at).trim() });
        name = null;
        begin = -1;
      } else if (open === '{' && name === null) name = token;
      else if (begin < 0) begin = token === ':' ? at + 1 : at;
    }
    if (token === '{' || token === '[') depth++;
    else if (ends) depth--;
  }
  return found;
}

// Yields the tokens of JSON: strings, punctuation, numbers and words. The server guarantees valid
// JSON. Strings are not read by a regular expression, because a string of megabytes would overflow
// its stack.
function* tokens(text: string): Generator<{ token: string; at: number }> {
  let at = 0;
  while (at < text.length) {
    const first = text.charAt(at);
    const end = first === '"' ? endOfString(text, at) : signs.has(first) ? at + 1 : endOfWord(text, at);
    if (!blanks.has(first)) yield { token: text.slice(at, end), at };
    at = end;
  }
}

const signs = new Set('{}[]:,');
const blanks = new Set(' \t\r\n');

function endOfString(text: string, begin: number): number {
  for (let at = text.indexOf('"', begin + 1); at >= 0; at = text.indexOf('"', at + 1)) {
    let escapes = 0;
    while (text.charAt(at - 1 - escapes) === '\\') escapes++;
    if (escapes % 2 === 0) return at + 1;
  }
  return text.length;
}

function endOfWord(text: string, begin: number): number {
  if (blanks.has(text.charAt(begin))) return begin + 1;
  let at = begin + 1;
  while (at < text.length && !signs.has(text.charAt(at)) && !blanks.has(text.charAt(at)) && text.charAt(at) !== '"')
    at++;
  return at;
}
