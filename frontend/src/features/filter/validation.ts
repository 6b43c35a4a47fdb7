import type { Rule, Scalar } from '@/shared/api/client';
import { spanOf } from './dates';
import { type FilterField, fieldOf, labelOf, looksInside, operatorLabel, operatorsOf, takesValue } from './fields';
import { type Condition, type Filter, type Group, isGroup, ruleCount, toFilter } from './filter';
import { isLess, numberProblem } from './numbers';

/** What keeps a rule from being asked. */
export interface Fault {
  /** A sentence for the admin. */
  message: string;
  /** The part of the rule that is meant. */
  at: 'field' | 'operator' | 'value' | 'from' | 'to';
  /** Nothing is wrong, but something is still missing. */
  incomplete: boolean;
}

/** A fault and the place of its rule: "rules[1].rules[0]". */
export interface Problem extends Fault {
  path: string;
}

const maxPattern = 1000; // characters of a text that is looked for inside values
const maxBytes = 4096; // of any value

/** Says what is wrong with a rule; null where the server will take it. */
export function checkCondition(rule: Condition, fields: readonly FilterField[]): Fault | null {
  if (!rule.field) return missing('field', 'Choose a field.');
  const field = fieldOf(rule.field, fields);
  if (!field) return wrong('field', `There is no field “${labelOf(rule.field, fields)}” to filter by.`);
  if (!operatorsOf(field.kind).includes(rule.operator)) {
    return wrong('operator', `${field.label} cannot be asked with “${operatorLabel(rule.operator)}”.`);
  }
  if (rule.operator === 'between') return checkBounds(rule, field);
  return takesValue(rule.operator) ? checkValue(rule, field) : null;
}

function checkValue({ operator, value }: Condition, field: FilterField): Fault | null {
  if (isMissing(value)) return missing('value', 'Enter a value.');
  if (field.kind !== 'text') return checkScalar(value, field, 'value');
  if (typeof value !== 'string') return wrong('value', `${field.label} is text. ${value} is not.`);
  if (looksInside(operator) && [...value].length > maxPattern) {
    return wrong('value', `At most ${maxPattern.toLocaleString('en')} characters can be looked for.`);
  }
  return checkLength(value, 'value');
}

function checkBounds({ from, to }: Condition, field: FilterField): Fault | null {
  if (isMissing(from) && isMissing(to)) return missing('from', 'Enter from, to or both.');
  const fault =
    (isMissing(from) ? null : checkScalar(from, field, 'from')) ??
    (isMissing(to) ? null : checkScalar(to, field, 'to'));
  if (fault || isMissing(from) || isMissing(to)) return fault;
  if (field.kind === 'number') {
    return isLess(String(to), String(from)) ? wrong('to', 'The second number is less than the first.') : null;
  }
  const [first, last] = [spanOf(field.type, String(from)), spanOf(field.type, String(to))];
  const reversed = first && last && last.start < first.start && last.end <= first.start;
  return reversed ? wrong('to', 'The second date is earlier than the first.') : null;
}

function checkScalar(value: Scalar, field: FilterField, at: Fault['at']): Fault | null {
  const text = String(value);
  const shown = `“${text.length > 40 ? `${text.slice(0, 40)}…` : text}”`;
  if (field.kind === 'date') {
    const ok = typeof value === 'string' && spanOf(field.type, value);
    return ok ? checkLength(text, at) : wrong(at, `${field.label} is ${dateForm(field.type)}. ${shown} is not.`);
  }
  switch (typeof value === 'boolean' ? 'none' : numberProblem(text)) {
    case 'none':
      return wrong(at, `${field.label} is a number. ${shown} is not.`);
    case 'digits':
      return wrong(at, `${shown} has more digits than a number can keep.`);
    case 'magnitude':
      return wrong(at, `${shown} is beyond the range of numbers.`);
    default:
      return checkLength(text, at);
  }
}

function dateForm(type: FilterField['type']): string {
  switch (type) {
    case 'datetime':
      return 'a date like 31 Jan 2026, or a time like 31 Jan 2026 08:30';
    case 'time':
      return 'a time of day like 08:30';
    case 'week':
      return 'a week like 2026-W05';
    case 'month':
      return 'a month like 2026-01';
    default:
      return 'a date like 31 Jan 2026';
  }
}

function checkLength(text: string, at: Fault['at']): Fault | null {
  const tooLong = new TextEncoder().encode(text).length > maxBytes;
  return tooLong ? wrong(at, `A value can have at most ${maxBytes.toLocaleString('en')} bytes.`) : null;
}

function isMissing(value: Scalar | undefined): value is null | undefined | '' {
  return value === undefined || value === null || value === '';
}

function wrong(at: Fault['at'], message: string): Fault {
  return { at, message, incomplete: false };
}

function missing(at: Fault['at'], message: string): Fault {
  return { at, message, incomplete: true };
}

/** Parts a filter into what the server will take, and what keeps the rest from it. */
export function checkFilter(
  rule: Rule | null,
  fields: readonly FilterField[],
): { sound: Filter | null; problems: readonly Problem[] } {
  const filter = toFilter(rule);
  const problems: Problem[] = [];
  const sift = (group: Group, path: string): Group => ({
    combinator: group.combinator,
    rules: group.rules.flatMap((member, i): (Condition | Group)[] => {
      const at = `${path}rules[${i}]`;
      if (isGroup(member)) {
        const inner = sift(member, `${at}.`);
        return ruleCount(inner) > 0 ? [inner] : [];
      }
      const fault = checkCondition(member, fields);
      if (fault) problems.push({ ...fault, path: at });
      return fault ? [] : [member];
    }),
  });
  const sound = filter && toFilter(sift(filter, ''));
  return { sound, problems };
}
