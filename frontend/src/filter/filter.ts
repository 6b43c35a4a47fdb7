import type { Rule, Scalar } from '@/api/client';

/** How the rules of a group are joined. */
export type Combinator = NonNullable<Rule['combinator']>;
/** An operator, by its name in JSON. */
export type Operator = NonNullable<Rule['operator']>;

/** How many subscriptions of a user must meet a group. */
export type Quantifier = NonNullable<Rule['quantifier']>;

/** One rule about one field. */
export interface Condition {
  field: string;
  operator: Operator;
  /** For operators with a value. */
  value?: Scalar;
  /** For `is_one_of` and `is_none_of`. */
  values?: Scalar[];
  /** For `between`, both inclusive; undefined means unbounded. */
  from?: Scalar;
  to?: Scalar;
}

/** Rules joined with and, or with or. */
export interface Group {
  /** Makes the group a condition on subscriptions: one of them must meet all of its rules at once. */
  quantifier?: Quantifier;
  combinator: Combinator;
  rules: (Condition | Group)[];
}

/** A filter of the console: a group with at least one rule. A stricter form of the API's Rule. */
export type Filter = Group;

/** The limits of the server. */
export const maxRules = 100;
export const maxDepth = 5; // nested groups, the top group included

/** Reports whether a rule is a group. */
export function isGroup(rule: Condition | Group): rule is Group {
  return 'combinator' in rule;
}

/** Converts a Rule of the API; null for a rule without conditions. Throws if the rule is invalid. */
export function toFilter(rule: Rule | null): Filter | null {
  if (rule === null) return null;
  const read = readRule(rule, 1, { rules: 0, groups: 0 });
  const filter: Filter = isGroup(read) && !read.quantifier ? read : { combinator: 'and', rules: [read] };
  return ruleCount(filter) === 0 ? null : filter;
}

/** Parses the filter in an address. With an error the filter is null, which does not mean all users. */
export function parseFilter(text: string | undefined): { filter: Filter | null; error: string | null } {
  if (!text) return { filter: null, error: null };
  try {
    return { filter: toFilter(JSON.parse(text, exactly)), error: null };
  } catch (error) {
    const reason = error instanceof Unreadable ? error.message : '';
    return { filter: null, error: reason || 'The filter in this link is invalid.' };
  }
}

/** Returns the filter for an address, as compact JSON; undefined for none. */
export function serializeFilter(rule: Rule | null): string | undefined {
  const filter = toFilter(rule);
  return filter ? JSON.stringify(filter) : undefined;
}

/** Returns the names of all fields in a filter. */
export function filteredFields(rule: Rule | null): ReadonlySet<string> {
  const filter = toFilter(rule);
  return new Set(filter ? conditions(filter).map(({ field }) => field) : []);
}

/** Counts the rules in all groups. A group on subscriptions without rules is a rule: "has a subscription". */
export function ruleCount(rule: Rule | null): number {
  if (rule === null) return 0;
  if (!rule.rules) return 1;
  const count = rule.rules.reduce((sum, member) => sum + ruleCount(member), 0);
  return rule.quantifier ? Math.max(1, count) : count;
}

/** Returns all conditions of a group and its nested groups. */
export function conditions(group: Group): Condition[] {
  return group.rules.flatMap((rule) => (isGroup(rule) ? conditions(rule) : rule));
}

/** Returns the filter without one rule of its top group; null if no rule remains. */
export function withoutRule(filter: Filter, index: number): Filter | null {
  return toFilter({ ...filter, rules: filter.rules.filter((_, i) => i !== index) });
}

class Unreadable extends Error {}

// Keeps a number with too many digits for JavaScript as text; the server accepts numbers in strings.
function exactly(_name: string, value: unknown, context?: { source?: string }): unknown {
  return typeof value === 'number' && context?.source && context.source !== String(value) ? context.source : value;
}

function readRule(json: unknown, depth: number, seen: { rules: number; groups: number }): Condition | Group {
  if (!isObject(json)) throw new Unreadable();
  if (json.combinator === undefined && json.quantifier === undefined) {
    if (++seen.rules > maxRules) throw new Unreadable(`The filter in this link has more than ${maxRules} rules.`);
    return readCondition(json);
  }
  const { quantifier, combinator, rules } = json;
  if ((combinator !== 'and' && combinator !== 'or') || !Array.isArray(rules)) throw new Unreadable();
  if (depth > maxDepth) throw new Unreadable(`The filter in this link has groups more than ${maxDepth} deep.`);
  if (++seen.groups > maxRules) throw new Unreadable(`The filter in this link has more than ${maxRules} groups.`);
  const members = rules.map((rule: unknown) => readRule(rule, depth + 1, seen));
  if (quantifier === undefined || quantifier === null) return { combinator, rules: members };
  if (quantifier !== 'any' && quantifier !== 'none' && quantifier !== 'all') throw new Unreadable();
  return { quantifier, combinator, rules: members };
}

function readCondition({ field, operator, value, values, from, to }: Record<string, unknown>): Condition {
  if (typeof field !== 'string' || !isOperator(operator)) throw new Unreadable();
  const condition: Condition = { field, operator };
  if (isPresent(value)) condition.value = value;
  if (values !== undefined && values !== null) {
    if (!Array.isArray(values) || !values.every(isPresent)) throw new Unreadable();
    if (values.length > 0) condition.values = values;
  }
  if (isPresent(from)) condition.from = from;
  if (isPresent(to)) condition.to = to;
  return condition;
}

function isObject(json: unknown): json is Record<string, unknown> {
  return typeof json === 'object' && json !== null && !Array.isArray(json);
}

function isPresent(json: unknown): json is string | number | boolean {
  if (json === undefined || json === null) return false;
  if (typeof json === 'string' || typeof json === 'number' || typeof json === 'boolean') return true;
  throw new Unreadable();
}

const operators: Record<Operator, true> = {
  is: true,
  is_not: true,
  is_one_of: true,
  is_none_of: true,
  contains: true,
  does_not_contain: true,
  starts_with: true,
  ends_with: true,
  between: true,
  before: true,
  after: true,
  has_any_value: true,
  is_unknown: true,
  checked: true,
  unchecked: true,
};

function isOperator(json: unknown): json is Operator {
  return typeof json === 'string' && Object.hasOwn(operators, json);
}
