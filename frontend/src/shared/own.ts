/**
 * Returns an object's own member; undefined if it has none. Use it for names that come from data,
 * because `record[name]` also finds inherited members such as `constructor` and `__proto__`.
 */
export function own<T>(record: Readonly<Record<string, T>>, name: string): T | undefined {
  return Object.hasOwn(record, name) ? record[name] : undefined;
}
