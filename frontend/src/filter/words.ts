import type { Rule, Scalar } from '@/api/client';
import { dateWords } from './date-words';
import { type FilterField, fieldOf, labelOf } from './fields';
import { type Condition, type Group, isGroup, type Quantifier, toFilter } from './filter';
import { bare, bracketed, type Part, type Phrase, part, tidy } from './phrase';
import { distanceWords, relativeForm } from './relative';

export type { Part } from './phrase';

/**
 * Writes a filter in words: "Country is GB, and ( plan starts with Digital or newsletter is checked )",
 * with a search "Search “hart” and country is GB". The words are those of the server
 * (internal/filter/description.go), except that dates follow the locale of the admin. A filter without
 * conditions has no parts.
 */
export function filterWords(rule: Rule | null, fields: readonly FilterField[], search = ''): readonly Part[] {
  const filter = toFilter(rule);
  const members = [...(search ? [searched(search)] : []), ...(filter ? [phraseOf(filter, fields)] : [])];
  return capitals(bare(tidy({ combinator: 'and', members })));
}

function searched(search: string): Phrase {
  return { parts: [part('operator', 'search'), part('value', `“${clip(search)}”`)], equal: null };
}

/** Joins parts with spaces, except before a comma. */
export function sentence(parts: readonly Part[]): string {
  return parts.map(({ text }, i) => `${gap(i, text)}${text}`).join('');
}

/** Returns the separator before a part: none before the first part and before commas, otherwise a space. */
export function gap(index: number, text: string): '' | ' ' {
  return index === 0 || text.startsWith(',') ? '' : ' ';
}

function phraseOf(rule: Condition | Group, fields: readonly FilterField[]): Phrase {
  if (isGroup(rule)) {
    const group = { combinator: rule.combinator, members: rule.rules.map((member) => phraseOf(member, fields)) };
    return rule.quantifier ? { parts: onGrants(rule.quantifier, tidy(group)), equal: null } : group;
  }
  const parts = [part('field', clip(labelOf(rule.field, fields))), ...comparison(rule, fieldOf(rule.field, fields))];
  return { parts, equal: rule.operator === 'is' ? rule.field : null };
}

/** Writes a group on subscriptions: "has only subscriptions whose state is expired". */
function onGrants(quantifier: Quantifier, rules: Phrase): Part[] {
  const empty = 'members' in rules && rules.members.length === 0;
  const have = {
    any: 'has a subscription',
    none: 'has no subscription',
    all: empty ? 'has a subscription' : 'has only subscriptions',
  }[quantifier];
  return empty ? [part('operator', have)] : [part('operator', `${have} whose`), ...bracketed(rules)];
}

function near(condition: Condition): Part[] | null {
  const form = relativeForm(condition);
  if (!form) return null;
  const far = distanceWords(form.far);
  switch (form.operator) {
    case 'in_last':
      return [part('operator', 'is in the last'), part('value', far)];
    case 'in_next':
      return [part('operator', 'is in the next'), part('value', far)];
    case 'more_than_ago':
      return [part('operator', 'is more than'), part('value', `${far} ago`)];
  }
}

function comparison(condition: Condition, field: FilterField | undefined): Part[] {
  const { operator, value, values = [], from, to } = condition;
  const dates = field?.kind === 'date';
  const say = (scalar: Scalar | undefined) => {
    const text = String(scalar ?? '');
    return part('value', clip(dates ? dateWords(field.type, text) : text));
  };
  const ahead = /^now\+(\d{1,5}[hdwMy])$/.exec(String(value ?? ''))?.[1];
  const relative = dates ? near(condition) : null;
  if (relative) return relative;
  switch (operator) {
    case 'has_any_value':
      return [part('operator', 'has'), part('value', 'any value')];
    case 'is_unknown':
      return [part('operator', 'is'), part('value', 'unknown')];
    case 'checked':
    case 'unchecked':
      return [part('operator', 'is'), part('value', operator)];
    case 'between':
      if (isOpen(to)) return [part('operator', dates ? 'is from' : 'is at least'), say(from)];
      if (isOpen(from)) return [part('operator', 'is up to'), say(to)];
      return [part('operator', 'is between'), say(from), part('operator', 'and'), say(to)];
    case 'is_one_of':
    case 'is_none_of':
      return [
        part('operator', operator.replaceAll('_', ' ')),
        ...values.flatMap((one, i) => [...separator(i, values.length), say(one)]),
      ];
    case 'after':
      if (dates && ahead) return [part('operator', 'is more than'), part('value', `${distanceWords(ahead)} from now`)];
      return [part('operator', 'is after'), say(value)];
    case 'before':
      return [part('operator', 'is before'), say(value)];
    default:
      return [part('operator', operator.replaceAll('_', ' ')), say(value)];
  }
}

/** Returns the separator before the i-th of n alternatives: "A, B or C". */
function separator(i: number, n: number): Part[] {
  return i === 0 ? [] : [part('join', i === n - 1 ? 'or' : ',')];
}

function isOpen(bound: Scalar | undefined): boolean {
  return bound === undefined || bound === null;
}

/** Capitalizes the first part, and lowers the first letter of all other fields. */
function capitals(parts: readonly Part[]): readonly Part[] {
  const first = parts.findIndex(({ kind }) => kind !== 'open');
  return parts.map((p, i) => {
    if (i === first) return { ...p, text: firstLetter(p.text, (letter) => letter.toUpperCase()) };
    return p.kind === 'field' ? { ...p, text: firstLetter(p.text, (letter) => letter.toLowerCase()) } : p;
  });
}

/** Changes the case of a word's first letter, except for abbreviations and names such as iPhone. */
function firstLetter(word: string, to: (letter: string) => string): string {
  const [letter = '', second = ''] = word;
  const changed = to(letter);
  // Some letters become two ("ß"); like the server, leave them unchanged.
  return /^\p{Lu}/u.test(second) || [...changed].length !== 1 ? word : changed + word.slice(letter.length);
}

/** Fits a text into a line: control characters and line breaks become spaces, long text ends in "…". */
function clip(text: string): string {
  const limit = 60;
  const letters = [...text.replace(/[\p{Cc}\p{Zl}\p{Zp}]/gu, ' ')];
  return letters.length > limit ? `${letters.slice(0, limit).join('')}…` : letters.join('');
}
