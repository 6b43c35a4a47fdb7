// JSON as it was written. JSON.parse would make 33.10 into 33.1, round long numbers and forget a name that stands twice.

// The tokens of JSON: a string, a sign, or a number or word. The text comes from the server, which checks it.
const tokens = /"(?:[^"\\]|\\.)*"|[{}[\]:,]|[^\s{}[\]:,"]+/g;

/** The members of an object by name, each value in the text that it was written in; none where it is no object. */
export function members(text: string): Map<string, string> {
  const found = new Map<string, string>();
  let depth = 0;
  let name: string | null = null;
  let begin = -1;
  const close = (at: number) => {
    if (name !== null && begin >= 0) found.set(name, text.slice(begin, at).trim());
    name = null;
    begin = -1;
  };
  for (const { 0: token, index } of text.matchAll(tokens)) {
    if (depth === 0 && token !== '{') return found; // a list or a plain value
    if (depth === 1) {
      if (token === ',' || token === '}') close(index);
      else if (token === ':' && begin < 0) begin = index + 1;
      else if (name === null) name = String(JSON.parse(token));
    }
    if (token === '{' || token === '[') depth++;
    else if (token === '}' || token === ']') depth--;
  }
  return found;
}

/** The same JSON with a line for every member, two blanks deeper at each level. */
export function indented(text: string): string {
  let out = '';
  let depth = 0;
  let before = '';
  const line = () => `\n${'  '.repeat(depth)}`;
  for (const [token] of text.matchAll(tokens)) {
    const opens = before === '{' || before === '[';
    if (token === '}' || token === ']') {
      depth--;
      out += opens ? token : line() + token;
    } else {
      if (opens || before === ',') out += line();
      out += token === ':' ? ': ' : token;
      if (token === '{' || token === '[') depth++;
    }
    before = token;
  }
  return out;
}
