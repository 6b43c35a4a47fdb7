import { add, generateID, type RuleGroupType, type RuleType, remove, update } from 'react-querybuilder';
import type { Rule, Scalar } from '@/shared/api/client';
import { type FilterField, fieldOf, operatorsOf, takesValue } from './fields';
import { type Combinator, type Condition, type Filter, type Group, isGroup, type Operator, toFilter } from './filter';
import { checkCondition, type Fault } from './validation';

/** What stands in the inputs of a rule, right or wrong. */
export interface Entry {
  value: string;
  from: string;
  to: string;
}

/** A rule while it is edited. Its field is empty until one is chosen. */
export interface DraftRule extends RuleType<string, Operator, Entry> {
  id: string;
}

/** A group while it is edited. */
export interface DraftGroup extends RuleGroupType<RuleType<string, Operator, Entry>, Combinator> {
  id: string;
  rules: (DraftRule | DraftGroup)[];
}

const blank: Entry = { value: '', from: '', to: '' };

/** A rule with nothing in it. */
export function blankRule(): DraftRule {
  return { id: generateID(), field: '', operator: 'is', value: blank };
}

/** A group with a blank rule, joined the other way than the group around it: else it would need no group. */
export function blankGroup(around: Combinator): DraftGroup {
  return { id: generateID(), combinator: around === 'and' ? 'or' : 'and', rules: [blankRule()] };
}

/** Tells groups from rules. */
export function isDraftGroup(node: DraftRule | DraftGroup): node is DraftGroup {
  return 'rules' in node;
}

/** What an editor begins with: the filter, or one blank rule. */
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

/** Adds a rule or a group at the end of a group. */
export function withNode(draft: DraftGroup, node: DraftRule | DraftGroup, group: string): DraftGroup {
  return add<DraftGroup>(draft, node, group);
}

/** Takes a rule, or a group with all that is in it, away. */
export function withoutNode(draft: DraftGroup, id: string): DraftGroup {
  return remove(draft, id);
}

/** Joins a group's rules otherwise. */
export function withCombinator(draft: DraftGroup, id: string, combinator: Combinator): DraftGroup {
  return update(draft, 'combinator', combinator, id);
}

/** Asks about another field. What was asked stays where the new field can be asked the same. */
export function withField(
  draft: DraftGroup,
  rule: DraftRule,
  name: string,
  fields: readonly FilterField[],
): DraftGroup {
  const [before, after] = [fieldOf(rule.field, fields), fieldOf(name, fields)];
  const operators = after ? operatorsOf(after.kind) : [];
  const operator = operators.includes(rule.operator) ? rule.operator : (operators[0] ?? 'is');
  const same = before?.kind === after?.kind && (before?.type === after?.type || after?.kind !== 'date');
  return update(draft, 'field', name, rule.id, {
    getRuleDefaultOperator: () => operator,
    getRuleDefaultValue: () => (same ? rule.value : blank),
  });
}

/** Asks otherwise. A value becomes the first bound, and a bound the value. */
export function withOperator(draft: DraftGroup, { id, value }: DraftRule, operator: Operator): DraftGroup {
  const { from, to } = value;
  const entry =
    operator === 'between'
      ? { ...blank, from: from || value.value, to }
      : { ...blank, value: takesValue(operator) ? value.value || from || to : '' };
  return update(update(draft, 'operator', operator, id), 'value', entry, id);
}

/** Fills an input. */
export function withEntry(draft: DraftGroup, { id, value }: DraftRule, entry: Partial<Entry>): DraftGroup {
  return update(draft, 'value', { ...value, ...entry }, id);
}

/** The rule as the server reads it. Blanks around numbers and dates mean nothing; in text they do. */
export function conditionOf({ field: name, operator, value }: DraftRule, fields: readonly FilterField[]): Condition {
  const field = fieldOf(name, fields);
  const scalar = (entry: string): string | number => {
    const trimmed = field?.kind === 'text' ? entry : entry.trim();
    // A number that JavaScript would change stays text: the server reads it exactly.
    return field?.kind === 'number' && String(Number(trimmed)) === trimmed ? Number(trimmed) : trimmed;
  };
  const condition: Condition = { field: name, operator };
  if (takesValue(operator) && value.value !== '') condition.value = scalar(value.value);
  if (operator === 'between' && value.from.trim()) condition.from = scalar(value.from);
  if (operator === 'between' && value.to.trim()) condition.to = scalar(value.to);
  return condition;
}

/** What a draft asks, and what keeps rules out of it. */
export interface Sifted {
  /** The rules that are right; null for none. */
  sound: Filter | null;
  /** What is wrong or missing, by the rule's id. */
  faults: ReadonlyMap<string, Fault>;
  /** The ids of the rules in `sound`, by their place there: "rules[1].rules[0]". */
  places: ReadonlyMap<string, string>;
}

/** Parts a draft into what can be asked and what cannot yet. */
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

/** Everything in a draft but its ids and blank rules, for telling whether it was changed. */
export function fingerprint(draft: DraftGroup): string {
  const plain = (node: DraftRule | DraftGroup): unknown[] => {
    if (!isDraftGroup(node)) return node.field ? [[node.field, node.operator, node.value]] : [];
    const rules = node.rules.flatMap(plain);
    return rules.length > 0 ? [[node.combinator, rules]] : [];
  };
  return JSON.stringify(plain(draft));
}

/** How many rules, and how many groups, a draft has. */
export function extent(node: DraftRule | DraftGroup): { rules: number; groups: number } {
  if (!isDraftGroup(node)) return { rules: 1, groups: 0 };
  return node.rules
    .map(extent)
    .reduce((sum, one) => ({ rules: sum.rules + one.rules, groups: sum.groups + one.groups }), { rules: 0, groups: 1 });
}
