import type { Rule, Scalar } from '@/api/client';
import { spanOf } from '@/shared/ui/dates/spans';
import {
  type FilterField,
  fieldOf,
  fieldsIn,
  labelOf,
  operatorLabel,
  operatorsOf,
  takesList,
  takesValue,
} from './fields';
import { type Condition, type Filter, type Group, isGroup, ruleCount, toFilter } from './filter';
import { isLess, numberProblem } from './numbers';
import { isDistance, isRelativeDate, splitDistance } from './relative';

/** Why a rule cannot be sent. */
export interface Fault {
  /** The message for the admin. */
  message: string;
  /** The faulty part of the rule. */
  at: 'field' | 'operator' | 'value' | 'from' | 'to';
  /** The rule is incomplete, not wrong. */
  incomplete: boolean;
}

/** A fault and the path of its rule: "rules[1].rules[0]". */
export interface Problem extends Fault {
  path: string;
}

const maxPattern = 1000; // characters of a text, in composed form (NFC)
const maxBytes = 4096; // of any value
const maxValues = 500; // of a list

/** Returns what is wrong with a rule; null if the server accepts it. */
export function checkCondition(rule: Condition, fields: readonly FilterField[]): Fault | null {
  if (!rule.field) return missing('field', 'Choose a field.');
  const field = fieldOf(rule.field, fields);
  if (!field) return wrong('field', `Unknown field “${labelOf(rule.field, fields)}”. Choose another field.`);
  if (!operatorsOf(field).includes(rule.operator)) {
    return wrong(
      'operator',
      `“${operatorLabel(rule.operator)}” does not apply to ${field.label}. Choose another operator.`,
    );
  }
  if (rule.operator === 'between') return checkBounds(rule, field);
  if (takesList(rule.operator)) return checkList(rule, field);
  return takesValue(rule.operator) ? checkValue(rule.value, field) : null;
}

/** Returns what is wrong with the number before a unit: "30d". */
export function checkDistance(text: string): Fault | null {
  if (isDistance(text)) return null;
  const { count } = splitDistance(text);
  return count === ''
    ? missing('value', 'Enter a number.')
    : wrong('value', `“${count}” is not a whole number up to 99,999.`);
}

/** Returns a note on values that are none of the options of a field; null if all are. The server accepts them. */
export function optionNote({ operator, value, values = [] }: Condition, field: FilterField): string | null {
  if (field.options.length === 0 || !/^is(_not|_one_of|_none_of)?$/.test(operator)) return null;
  const known = new Set(field.options.map((option) => option.value.toLowerCase()));
  const other = [value, ...values].find((v) => !isMissing(v) && !known.has(String(v).toLowerCase()));
  return other === undefined ? null : `“${other}” is not one of the options of ${field.label}.`;
}

function checkList({ values = [] }: Condition, field: FilterField): Fault | null {
  if (values.length === 0) return missing('value', 'Enter at least one value.');
  if (values.length > maxValues) return wrong('value', `At most ${maxValues} values.`);
  return values.map((value) => checkValue(value, field)).find((fault) => fault !== null) ?? null;
}

function checkValue(value: Scalar | undefined, field: FilterField): Fault | null {
  if (isMissing(value)) return missing('value', 'Enter a value.');
  if (field.kind !== 'text') return checkScalar(value, field, 'value');
  if (typeof value !== 'string') return wrong('value', `${field.label} is text. ${value} is not.`);
  if ([...value.normalize('NFC')].length > maxPattern) {
    return wrong('value', `Too long: at most ${maxPattern.toLocaleString('en')} characters.`);
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
    if (field.type !== 'time' && isRelativeDate(value)) return null;
    const ok = typeof value === 'string' && spanOf(field.type, value);
    return ok ? checkLength(text, at) : wrong(at, `${field.label} is ${dateForm(field.type)}. ${shown} is not.`);
  }
  switch (typeof value === 'boolean' ? 'none' : numberProblem(text)) {
    case 'none':
      return wrong(at, `${field.label} is a number. ${shown} is not.`);
    case 'digits':
      return wrong(at, `${shown} has too many digits to be stored exactly.`);
    case 'magnitude':
      return wrong(at, `${shown} is outside the range of numbers.`);
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
  return tooLong ? wrong(at, `Too long: at most ${maxBytes.toLocaleString('en')} bytes.`) : null;
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

/** Splits a filter into the rules that the server accepts, and the faults of the others. */
export function checkFilter(
  rule: Rule | null,
  fields: readonly FilterField[],
): { sound: Filter | null; problems: readonly Problem[] } {
  const filter = toFilter(rule);
  const problems: Problem[] = [];
  const sift = (group: Group, path: string, grants: boolean): Group => ({
    ...(group.quantifier && { quantifier: group.quantifier }),
    combinator: group.combinator,
    rules: group.rules.flatMap((member, i): (Condition | Group)[] => {
      const at = `${path}rules[${i}]`;
      if (isGroup(member)) {
        const inner = sift(member, `${at}.`, grants || member.quantifier !== undefined);
        // A group on subscriptions that lost its rules would say something else.
        return inner.rules.length > 0 || (member.rules.length === 0 && ruleCount(inner) > 0) ? [inner] : [];
      }
      const fault = checkCondition(member, fieldsIn(fields, grants));
      if (fault) problems.push({ ...fault, path: at });
      return fault ? [] : [member];
    }),
  });
  const sound = filter && toFilter(sift(filter, '', false));
  return { sound, problems };
}
