/** Parses the query string of an address: every value is a string, the first one of each name. */
export function parseSearch(search: string): Record<string, string> {
  const values: Record<string, string> = {};
  for (const [name, value] of new URLSearchParams(search)) values[name] ??= value;
  return values;
}

/** Returns the query string of an address. Undefined and empty values are omitted. */
export function stringifySearch(search: Record<string, unknown>): string {
  const params = new URLSearchParams();
  for (const [name, value] of Object.entries(search)) if (typeof value === 'string' && value) params.set(name, value);
  const text = params.toString();
  return text && `?${text}`;
}

/** The search parameters of a route; undefined removes one from the address. */
type Known<Name extends string> = { [name in Name]?: string | undefined };

/** Returns a route's validation of its search parameters: it keeps the named strings only. */
export function strings<Name extends string>(...names: Name[]) {
  return (search: Record<string, unknown>): Known<Name> => {
    const kept: Known<Name> = {};
    for (const name of names) {
      const value = search[name];
      if (typeof value === 'string' && value) kept[name] = value;
    }
    return kept;
  };
}
