import { Button } from '@mantine/core';
import { IconPlus } from '@tabler/icons-react';
import { useEffect, useRef } from 'react';
import type { Rule } from '@/api/client';
import type { FilterField } from './fields';
import { type Filter, ruleCount, toFilter, withoutRule } from './filter';
import { FilterPill } from './filter-pill';
import classes from './filter-pills.module.css';

interface Props {
  filter: Rule | null;
  fields: readonly FilterField[];
  /** Called after a pill is removed. */
  onChange: (filter: Filter | null) => void;
  /** Called with the index of a rule of the top group to edit, or with `add`. */
  onEdit: (rule: number | 'add') => void;
}

/** The filter as pills, and a button that adds a rule. */
export function FilterPills({ filter, fields, onChange, onEdit }: Props) {
  const strict = toFilter(filter);
  const row = useRef<HTMLDivElement>(null);
  const removed = useRef<number | null>(null);
  const rules = strict?.rules.map((rule, i) => ({ rule, i })).filter(({ rule }) => ruleCount(rule) > 0) ?? [];
  const shown = rules.length;

  // After a removal the focus moves to the next pill, or to "Add rule".
  useEffect(() => {
    if (removed.current === null) return;
    const removers = row.current?.querySelectorAll<HTMLElement>('[data-remove]') ?? [];
    const next =
      removers[Math.min(removed.current, shown - 1)] ?? row.current?.querySelector<HTMLElement>('[data-add]');
    removed.current = null;
    next?.focus();
  }, [shown]);

  return (
    // biome-ignore lint/a11y/useSemanticElements: a fieldset cannot be laid out in a row everywhere
    <div ref={row} className={classes.row} role="group" aria-label="Filter">
      {strict &&
        rules.map(({ rule, i }, place) => (
          // The index as key: an edited rule keeps its button, to which the drawer returns the focus.
          <span key={i} className={classes.joined}>
            <span className={classes.word} data-first={place === 0 || undefined}>
              {place === 0 ? 'where' : strict.combinator}
            </span>
            <FilterPill
              rule={rule}
              fields={fields}
              onOpen={() => onEdit(i)}
              onRemove={() => {
                removed.current = place;
                onChange(withoutRule(strict, i));
              }}
            />
          </span>
        ))}
      <Button
        variant="subtle"
        data-add=""
        leftSection={<IconPlus size={15} stroke={1.75} aria-hidden />}
        onClick={() => onEdit('add')}
      >
        Add rule
      </Button>
    </div>
  );
}
