import { add, generateID, type RuleGroupType, type RuleType, remove, update } from 'react-querybuilder';
import type { Rule, Scalar } from '@/api/client';
import { type FilterField, fieldOf, fieldsIn, isGrantField, operatorsOf, takesList, takesValue } from './fields';
import { type Combinator, type Condition, type Filter, type Group, isGroup, type Quantifier, toFilter } from './filter';
import { isDistance, isRelativeOperator, type RuleOperator, relativeCondition, relativeForm } from './relative';
import { checkCondition, checkDistance, type Fault } from './validation';

/** The texts in the inputs of a rule, valid or not. */
export interface Entry {
  /** A value; a distance such as "30d" for operators relative to now. */
  value: string;
  values: readonly string[];
  from: string;
  to: string;
}

/** A rule during editing. Its field is empty until one is chosen. */
export interface DraftRule extends RuleType<string, RuleOperator, Entry> {
  id: string;
}

/** A group during editing. */
export interface DraftGroup extends RuleGroupType<RuleType<string, RuleOperator, Entry>, Combinator> {
  id: string;
  /** Makes the group a condition on subscriptions. */
  quantifier?: Quantifier;
  rules: (DraftRule | DraftGroup)[];
}

const blank: Entry = { value: '', values: [], from: '', to: '' };
const usualDistance = '30d';

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

function draftGroup({ quantifier, combinator, rules }: Group): DraftGroup {
  const members = rules.map((r) => (isGroup(r) ? draftGroup(r) : draftRule(r)));
  return { id: generateID(), combinator, rules: members, ...(quantifier && { quantifier }) };
}

function draftRule(condition: Condition): DraftRule {
  const { field, operator, value, values = [], from, to } = condition;
  const near = relativeForm(condition);
  if (near) return { id: generateID(), field, operator: near.operator, value: { ...blank, value: near.far } };
  const entry = { value: text(value), values: values.map(text), from: text(from), to: text(to) };
  return { id: generateID(), field, operator, value: entry };
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

/** Returns the draft with another quantifier in a group on subscriptions. */
export function withQuantifier(draft: DraftGroup, id: string, quantifier: Quantifier): DraftGroup {
  return replaced(draft, id, (node) => ({ ...node, quantifier }));
}

/** Returns the draft with a change of one node. */
function replaced(
  draft: DraftGroup,
  id: string,
  change: (node: DraftRule | DraftGroup) => DraftRule | DraftGroup,
): DraftGroup {
  const rules = draft.rules.map((node) => {
    if (node.id === id) return change(node);
    return isDraftGroup(node) ? replaced(node, id, change) : node;
  });
  return { ...draft, rules };
}

/** Reports whether a rule is in a group on subscriptions. */
function isOnGrants(draft: DraftGroup, id: string, within = draft.quantifier !== undefined): boolean {
  return draft.rules.some((node) =>
    isDraftGroup(node) ? isOnGrants(node, id, within || node.quantifier !== undefined) : within && node.id === id,
  );
}

/**
 * Returns the draft with another field in a rule. Operator and value are kept if they apply to the new
 * field. A rule that becomes one on subscriptions gets a group with a quantifier around it.
 */
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
  const changed = update(draft, 'field', name, rule.id, {
    getRuleDefaultOperator: () => operator,
    getRuleDefaultValue: () =>
      same ? rule.value : isRelativeOperator(operator) ? { ...blank, value: usualDistance } : blank,
  });
  if (!isGrantField(name) || isOnGrants(changed, rule.id)) return changed;
  return replaced(changed, rule.id, (node) => ({
    id: generateID(),
    quantifier: 'any',
    combinator: 'and',
    rules: [node],
  }));
}

/** Returns the draft with another operator in a rule. Its inputs keep what was entered, as far as they can. */
export function withOperator(draft: DraftGroup, rule: DraftRule, operator: RuleOperator): DraftGroup {
  const entry = entryFor(operator, rule);
  return update(update(draft, 'operator', operator, rule.id), 'value', entry, rule.id);
}

// A value becomes the first bound or the first of a list, and the other way round. A distance stays one.
function entryFor(operator: RuleOperator, { operator: before, value }: DraftRule): Entry {
  if (isRelativeOperator(operator)) {
    return { ...blank, value: isRelativeOperator(before) ? value.value : usualDistance };
  }
  if (isRelativeOperator(before)) return blank;
  const [listed = ''] = value.values;
  const single = value.value || value.from || value.to || listed;
  if (operator === 'between') return { ...blank, from: value.from || value.value || listed, to: value.to };
  if (takesList(operator)) return { ...blank, values: value.values.length > 0 || !single ? value.values : [single] };
  return { ...blank, value: takesValue(operator) ? single : '' };
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
  if (isRelativeOperator(operator)) {
    return { field: name, ...relativeCondition(operator, isDistance(value.value) ? value.value : '') };
  }
  const condition: Condition = { field: name, operator };
  if (takesList(operator) && value.values.length > 0) condition.values = value.values.map(scalar);
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
  const group = (node: DraftGroup, path: string, grants: boolean): Group => {
    const rules: (Condition | Group)[] = [];
    for (const member of node.rules) {
      const place = `${path}rules[${rules.length}]`;
      if (isDraftGroup(member)) {
        const inner = group(member, `${place}.`, grants || member.quantifier !== undefined);
        if (inner.rules.length > 0 || (member.quantifier && isBlank(member))) rules.push(inner);
        continue;
      }
      const condition = conditionOf(member, fields);
      const far = isRelativeOperator(member.operator) ? checkDistance(member.value.value) : null;
      const fault = far ?? checkCondition(condition, fieldsIn(fields, grants));
      if (fault) faults.set(member.id, fault);
      else places.set(place, member.id);
      if (!fault) rules.push(condition);
    }
    return { ...(node.quantifier && { quantifier: node.quantifier }), combinator: node.combinator, rules };
  };
  const sound = group(draft, '', false);
  return { sound: sound.rules.length > 0 ? sound : null, faults, places };
}

/** Reports whether a node contains empty rules only. */
function isBlank(node: DraftRule | DraftGroup): boolean {
  return isDraftGroup(node) ? node.rules.every(isBlank) : !node.field;
}

/** Returns the id of the first rule that is neither empty nor valid; null if there is none. */
export function firstFaulty(node: DraftRule | DraftGroup, faults: ReadonlyMap<string, Fault>): string | null {
  if (!isDraftGroup(node)) return node.field && faults.has(node.id) ? node.id : null;
  for (const member of node.rules) {
    const found = firstFaulty(member, faults);
    if (found) return found;
  }
  return null;
}

/** Returns a text of the draft without ids and empty rules. It changes if the draft changes. */
export function fingerprint(draft: DraftGroup): string {
  const plain = (node: DraftRule | DraftGroup): unknown[] => {
    if (!isDraftGroup(node)) return node.field ? [[node.field, node.operator, node.value]] : [];
    const rules = node.rules.flatMap(plain);
    return rules.length > 0 || node.quantifier ? [[node.quantifier, node.combinator, rules]] : [];
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
