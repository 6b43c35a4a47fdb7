import { Button } from '@mantine/core';
import { useId } from 'react';
import type { FilterField } from '@/features/filter/fields';
import { FilterSentence } from '@/features/filter/filter-sentence';
import type { Rule } from '@/shared/api/client';
import classes from './fields.module.css';

interface Props {
  filter: Rule | null;
  fields: readonly FilterField[];
  /** Whether it is still the screen's. */
  carried: boolean;
  error: string | undefined;
  onEdit: () => void;
}

/** Whom to export, as a sentence. */
export function UsersField({ filter, fields, carried, error, onEdit }: Props) {
  const label = useId();
  return (
    // biome-ignore lint/a11y/useSemanticElements: a fieldset's legend cannot stand beside its store
    <div role="group" aria-labelledby={label}>
      <span id={label} className={classes.label}>
        Users <em>· {carried ? 'carried over from the screen' : 'changed here'}</em>
      </span>
      <div className={classes.sentence} data-invalid={error !== undefined || undefined}>
        <span className={classes.words} dir="auto">
          <FilterSentence filter={filter} fields={fields} everyone="Everyone" />
        </span>
        <Button variant="subtle" size="xs" className={classes.edit ?? ''} aria-label="Edit the filter" onClick={onEdit}>
          Edit
        </Button>
      </div>
      {error && (
        <p role="alert" className={classes.error}>
          {error}
        </p>
      )}
    </div>
  );
}
