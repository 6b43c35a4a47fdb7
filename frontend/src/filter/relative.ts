import type { Scalar } from '@/api/client';
import type { Condition, Operator } from './filter';

/** An operator of the console for dates relative to now. The server has `between` and `before` for them. */
export type RelativeOperator = 'in_last' | 'in_next' | 'more_than_ago';

/** An operator in the filter builder. */
export type RuleOperator = Operator | RelativeOperator;

/** The units of relative dates, as in date math of Elasticsearch: the letter, and the name of one. */
export const units = { h: 'hour', d: 'day', w: 'week', M: 'month', y: 'year' } as const;

/** The letter of a unit. */
export type Unit = keyof typeof units;

const relative = /^now(?:([+-])(\d{1,5})([hdwMy]))?$/;
const distance = /^(\d{1,5})([hdwMy])$/;

/** Reports whether the operator is one of the console for relative dates. */
export function isRelativeOperator(operator: RuleOperator): operator is RelativeOperator {
  return operator === 'in_last' || operator === 'in_next' || operator === 'more_than_ago';
}

/** Reports whether a value is a relative date: "now", "now-30d". */
export function isRelativeDate(value: Scalar | undefined): boolean {
  return typeof value === 'string' && relative.test(value);
}

/** Reports whether a text is a distance from now: "30d". */
export function isDistance(text: string): boolean {
  return distance.test(text);
}

/** Splits a distance, complete or not, into its number and its unit. */
export function splitDistance(text: string): { count: string; unit: Unit } {
  const [, count = '', unit = 'd'] = /^(.*?)([hdwMy])?$/.exec(text) ?? [];
  return { count, unit: isUnit(unit) ? unit : 'd' };
}

/** Reports whether a text is the letter of a unit. */
export function isUnit(text: string): text is Unit {
  return Object.hasOwn(units, text);
}

/** Returns the operands of the server for an operator of the console and a distance. */
export function relativeCondition(
  operator: RelativeOperator,
  far: string,
): Pick<Condition, 'operator' | 'value' | 'from' | 'to'> {
  switch (operator) {
    case 'in_last':
      return { operator: 'between', from: `now-${far}`, to: 'now' };
    case 'in_next':
      return { operator: 'between', from: 'now', to: `now+${far}` };
    case 'more_than_ago':
      return { operator: 'before', value: `now-${far}` };
  }
}

/** Returns the operator of the console and the distance of a condition; null if it has none. */
export function relativeForm(condition: Condition): { operator: RelativeOperator; far: string } | null {
  for (const operator of ['in_last', 'in_next', 'more_than_ago'] as const) {
    const dates = [condition.value, condition.from, condition.to];
    const far = dates.map((date) => String(date ?? '').replace(/^now[+-]/, '')).find(isDistance);
    if (far === undefined) return null;
    const { value, from, to, ...same } = relativeCondition(operator, far);
    const equal = condition.value === value && condition.from === from && condition.to === to;
    if (equal && condition.operator === same.operator) return { operator, far };
  }
  return null;
}

/** Writes a distance: "30 days". */
export function distanceWords(far: string): string {
  const [, count = '', unit = 'd'] = distance.exec(far) ?? [];
  const name = isUnit(unit) ? units[unit] : units.d;
  return `${Number(count).toLocaleString('en')} ${name}${Number(count) === 1 ? '' : 's'}`;
}

/** Writes a relative date: "30 days ago", "in 2 weeks", "now". Null for another text. */
export function relativeWords(text: string): string | null {
  const match = relative.exec(text);
  if (!match) return null;
  const [, sign, count, unit] = match;
  if (!sign) return 'now';
  return sign === '-' ? `${distanceWords(`${count}${unit}`)} ago` : `in ${distanceWords(`${count}${unit}`)}`;
}
