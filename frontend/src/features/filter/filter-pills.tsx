import { Button } from '@mantine/core';
import { IconPlus } from '@tabler/icons-react';
import { Fragment, useEffect, useRef } from 'react';
import type { Rule } from '@/shared/api/client';
import type { FilterField } from './fields';
import { type Filter, ruleCount, toFilter, withoutRule } from './filter';
import { FilterPill } from './filter-pill';
import classes from './filter-pills.module.css';

interface Props {
  filter: Rule | null;
  fields: readonly FilterField[];
  /** A pill was taken away. */
  onChange: (filter: Filter | null) => void;
  /** A rule of the top group is to be opened, by its place, or a new one. */
  onEdit: (rule: number | 'add') => void;
}

/** The filter as a row of pills, and the way to add one. It wraps. */
export function FilterPills({ filter, fields, onChange, onEdit }: Props) {
  const strict = toFilter(filter);
  const row = useRef<HTMLDivElement>(null);
  const removed = useRef<number | null>(null);
  const rules = strict?.rules.map((rule, i) => ({ rule, i })).filter(({ rule }) => ruleCount(rule) > 0) ?? [];
  const shown = rules.length;

  // The pill that had the focus is gone: its neighbour takes it, or "Add rule".
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
          // By its place: a rule that was edited keeps its button, which the drawer gives the focus back to.
          <Fragment key={i}>
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
          </Fragment>
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
