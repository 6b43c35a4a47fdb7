import { add, generateID, type RuleGroupType, type RuleType, remove, update } from 'react-querybuilder';
import type { Rule, Scalar } from '@/api/client';
import { type FilterField, fieldOf, operatorsOf, takesValue } from './fields';
import { type Combinator, type Condition, type Filter, type Group, isGroup, type Operator, toFilter } from './filter';
import { checkCondition, type Fault } from './validation';

/** The texts in the inputs of a rule, valid or not. */
export interface Entry {
  value: string;
  from: string;
  to: string;
}

/** A rule during editing. Its field is empty until one is chosen. */
export interface DraftRule extends RuleType<string, Operator, Entry> {
  id: string;
}

/** A group during editing. */
export interface DraftGroup extends RuleGroupType<RuleType<string, Operator, Entry>, Combinator> {
  id: string;
  rules: (DraftRule | DraftGroup)[];
}

const blank: Entry = { value: '', from: '', to: '' };

/** Creates an empty rule. */
export function blankRule(): DraftRule {
  return { id: generateID(), field: '', operator: 'is', value: blank };
}

/** Creates a group with an empty rule, with the other combinator than the group around it. */
export function blankGroup(around: Combinator): DraftGroup {
  return { id: generateID(), combinator: around === 'and' ? 'or' : 'and', rules: [blankRule()] };
}

/** Reports whether the node is a group. */
export function isDraftGroup(node: DraftRule | DraftGroup): node is DraftGroup {
  return 'rules' in node;
}

/** Returns the draft of a filter; for null a group with one empty rule. */
export function draftOf(filter: Rule | null): DraftGroup {
  const strict = toFilter(filter);
  return strict ? draftGroup(strict) : { id: generateID(), combinator: 'and', rules: [blankRule()] };
}

function draftGroup({ combinator, rules }: Group): DraftGroup {
  return { id: generateID(), combinator, rules: rules.map((r) => (isGroup(r) ? draftGroup(r) : draftRule(r))) };
}

function draftRule({ field, operator, value, from, to }: Condition): DraftRule {
  return { id: generateID(), field, operator, value: { value: text(value), from: text(from), to: text(to) } };
}

function text(scalar: Scalar | undefined): string {
  return scalar === undefined || scalar === null ? '' : String(scalar);
}

/** Returns the draft with a rule or a group added at the end of a group. */
export function withNode(draft: DraftGroup, node: DraftRule | DraftGroup, group: string): DraftGroup {
  return add<DraftGroup>(draft, node, group);
}

/** Returns the draft without a rule, or without a group and its content. */
export function withoutNode(draft: DraftGroup, id: string): DraftGroup {
  return remove(draft, id);
}

/** Returns the draft with another combinator in a group. */
export function withCombinator(draft: DraftGroup, id: string, combinator: Combinator): DraftGroup {
  return update(draft, 'combinator', combinator, id);
}

/** Returns the draft with another field in a rule. Operator and value are kept if they apply to the new field. */
export function withField(
  draft: DraftGroup,
  rule: DraftRule,
  name: string,
  fields: readonly FilterField[],
): DraftGroup {
  const [before, after] = [fieldOf(rule.field, fields), fieldOf(name, fields)];
  const operators = after ? operatorsOf(after) : [];
  const operator = operators.includes(rule.operator) ? rule.operator : (operators[0] ?? 'is');
  const same = before?.kind === after?.kind && (before?.type === after?.type || after?.kind !== 'date');
  return update(draft, 'field', name, rule.id, {
    getRuleDefaultOperator: () => operator,
    getRuleDefaultValue: () => (same ? rule.value : blank),
  });
}

/** Returns the draft with another operator in a rule. A value becomes the first bound, a bound becomes the value. */
export function withOperator(draft: DraftGroup, { id, value }: DraftRule, operator: Operator): DraftGroup {
  const { from, to } = value;
  const entry =
    operator === 'between'
      ? { ...blank, from: from || value.value, to }
      : { ...blank, value: takesValue(operator) ? value.value || from || to : '' };
  return update(update(draft, 'operator', operator, id), 'value', entry, id);
}

/** Returns the draft with other texts in the inputs of a rule. */
export function withEntry(draft: DraftGroup, { id, value }: DraftRule, entry: Partial<Entry>): DraftGroup {
  return update(draft, 'value', { ...value, ...entry }, id);
}

/** Returns the rule for the server. Numbers and dates are trimmed, text is not. */
export function conditionOf({ field: name, operator, value }: DraftRule, fields: readonly FilterField[]): Condition {
  const field = fieldOf(name, fields);
  const scalar = (entry: string): string | number => {
    const trimmed = field?.kind === 'text' ? entry : entry.trim();
    // A number that JavaScript cannot keep exactly stays text: the server parses it exactly.
    return field?.kind === 'number' && String(Number(trimmed)) === trimmed ? Number(trimmed) : trimmed;
  };
  const condition: Condition = { field: name, operator };
  if (takesValue(operator) && value.value !== '') condition.value = scalar(value.value);
  if (operator === 'between' && value.from.trim()) condition.from = scalar(value.from);
  if (operator === 'between' && value.to.trim()) condition.to = scalar(value.to);
  return condition;
}

/** The valid rules of a draft, and the faults of the others. */
export interface Sifted {
  /** The valid rules; null for none. */
  sound: Filter | null;
  /** The faults by the id of the rule. */
  faults: ReadonlyMap<string, Fault>;
  /** The ids of the rules in `sound`, by their path in it: "rules[1].rules[0]". */
  places: ReadonlyMap<string, string>;
}

/** Splits a draft into its valid rules and the faults of the others. */
export function sift(draft: DraftGroup, fields: readonly FilterField[]): Sifted {
  const faults = new Map<string, Fault>();
  const places = new Map<string, string>();
  const group = (node: DraftGroup, path: string): Group => {
    const rules: (Condition | Group)[] = [];
    for (const member of node.rules) {
      const place = `${path}rules[${rules.length}]`;
      if (isDraftGroup(member)) {
        const inner = group(member, `${place}.`);
        if (inner.rules.length > 0) rules.push(inner);
        continue;
      }
      const condition = conditionOf(member, fields);
      const fault = checkCondition(condition, fields);
      if (fault) faults.set(member.id, fault);
      else places.set(place, member.id);
      if (!fault) rules.push(condition);
    }
    return { combinator: node.combinator, rules };
  };
  const sound = group(draft, '');
  return { sound: sound.rules.length > 0 ? sound : null, faults, places };
}

/** Returns a text of the draft without ids and empty rules. It changes if the draft changes. */
export function fingerprint(draft: DraftGroup): string {
  const plain = (node: DraftRule | DraftGroup): unknown[] => {
    if (!isDraftGroup(node)) return node.field ? [[node.field, node.operator, node.value]] : [];
    const rules = node.rules.flatMap(plain);
    return rules.length > 0 ? [[node.combinator, rules]] : [];
  };
  return JSON.stringify(plain(draft));
}

/** Counts the rules and the groups of a draft. */
export function extent(node: DraftRule | DraftGroup): { rules: number; groups: number } {
  if (!isDraftGroup(node)) return { rules: 1, groups: 0 };
  return node.rules
    .map(extent)
    .reduce((sum, one) => ({ rules: sum.rules + one.rules, groups: sum.groups + one.groups }), { rules: 0, groups: 1 });
}
