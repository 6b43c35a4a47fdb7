import { type RefObject, useEffect, useMemo, useRef, useState } from 'react';
import type { Rule } from '@/api/client';
import {
  blankGroup,
  blankRule,
  type DraftGroup,
  type DraftRule,
  draftOf,
  type Entry,
  isDraftGroup,
  withCombinator,
  withEntry,
  withField,
  withNode,
  withOperator,
  withoutNode,
  withQuantifier,
} from './draft';
import { type FilterField, isGrantField } from './fields';
import type { Combinator, Quantifier } from './filter';
import type { RuleOperator } from './relative';

/** The edits of a draft. */
export interface Edits {
  join: (group: string, combinator: Combinator) => void;
  quantify: (group: string, quantifier: Quantifier) => void;
  addRule: (group: DraftGroup) => void;
  addGroup: (group: DraftGroup) => void;
  /** Removes a member of a group. The focus moves to the next member. */
  remove: (group: DraftGroup, id: string) => void;
  field: (rule: DraftRule, name: string) => void;
  operator: (rule: DraftRule, operator: RuleOperator) => void;
  entry: (rule: DraftRule, entry: Partial<Entry>) => void;
}

/** Keeps the draft of a filter, and moves the focus after each edit. */
export function useDraft(
  filter: Rule | null,
  rule: number | 'add' | undefined,
  fields: readonly FilterField[],
  body: RefObject<HTMLElement | null>,
) {
  const [{ begun, opening }] = useState(() => begin(filter, rule));
  const [draft, setDraft] = useState(begun);
  const focus = useRef<string | null>(null); // a selector

  // biome-ignore lint/correctness/useExhaustiveDependencies: the element to focus exists after the draft was rendered
  useEffect(() => {
    if (focus.current) body.current?.querySelector<HTMLElement>(focus.current)?.focus();
    focus.current = null;
  }, [draft, body]);

  const edits = useMemo((): Edits => {
    const add = (group: DraftGroup, node: DraftRule | DraftGroup) => {
      const first = isDraftGroup(node) ? node.rules[0]?.id : node.id;
      focus.current = `[data-rule="${first}"] input`;
      setDraft((d) => withNode(d, node, group.id));
    };
    return {
      join: (group, combinator) => setDraft((d) => withCombinator(d, group, combinator)),
      quantify: (group, quantifier) => setDraft((d) => withQuantifier(d, group, quantifier)),
      addRule: (group) => add(group, blankRule()),
      addGroup: (group) => add(group, blankGroup(group.combinator)),
      remove: (group, id) => {
        const at = group.rules.findIndex((member) => member.id === id);
        const neighbour = group.rules[at + 1] ?? group.rules[at - 1];
        focus.current = neighbour ? `[data-remove="${neighbour.id}"]` : `[data-add="${group.id}"]`;
        setDraft((d) => withoutNode(d, id));
      },
      field: (of, name) => {
        // The rule may have moved into a group on subscriptions.
        if (isGrantField(name)) focus.current = `[data-rule="${of.id}"] input`;
        setDraft((d) => withField(d, of, name, fields));
      },
      operator: (of, operator) => setDraft((d) => withOperator(d, of, operator)),
      entry: (of, entry) => setDraft((d) => withEntry(d, of, entry)),
    };
  }, [fields]);

  return { draft, edits, opening };
}

/** Returns the initial draft, and the id of the rule to focus. */
function begin(filter: Rule | null, rule: number | 'add' | undefined): { begun: DraftGroup; opening: string | null } {
  const draft = draftOf(filter);
  if (rule === 'add' && filter) {
    const added = blankRule();
    return { begun: withNode(draft, added, draft.id), opening: added.id };
  }
  const member = draft.rules[typeof rule === 'number' ? rule : 0];
  const opened = member && isDraftGroup(member) ? member.rules[0] : member;
  return { begun: draft, opening: opened?.id ?? null };
}
