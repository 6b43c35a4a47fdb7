import { Button, CloseButton, TextInput } from '@mantine/core';
import { IconSearch } from '@tabler/icons-react';
import { useId } from 'react';
import type { FilterField } from '@/features/filter/fields';
import { FilterSentence } from '@/features/filter/filter-sentence';
import type { Rule } from '@/shared/api/client';
import classes from './fields.module.css';

interface Props {
  filter: Rule | null;
  fields: readonly FilterField[];
  /** What is searched for, as it is typed. */
  search: string;
  /** Whether the screen is searched: then there is a field to change or to remove that. */
  searched: boolean;
  /** Whether all of it is still the screen's. */
  carried: boolean;
  error: string | undefined;
  onEdit: () => void;
  onSearch: (text: string) => void;
}

/** Whom to export, as a sentence. */
export function UsersField({ filter, fields, search, searched, carried, error, onEdit, onSearch }: Props) {
  const label = useId();
  return (
    // biome-ignore lint/a11y/useSemanticElements: a fieldset's legend cannot stand beside its store
    <div role="group" aria-labelledby={label}>
      <span id={label} className={classes.label}>
        Users <em>· {carried ? 'carried over from the screen' : 'changed here'}</em>
      </span>
      <div className={classes.sentence} data-invalid={error !== undefined || undefined}>
        <span className={classes.words} dir="auto">
          <FilterSentence filter={filter} fields={fields} search={search.trim()} everyone="Everyone" />
        </span>
        <Button variant="subtle" size="xs" className={classes.edit ?? ''} aria-label="Edit the filter" onClick={onEdit}>
          Edit
        </Button>
      </div>
      {searched && (
        <TextInput
          mt={8}
          aria-label="Search e-mail, name or id"
          placeholder="Search e-mail, name or id"
          maxLength={256}
          autoComplete="off"
          spellCheck={false}
          value={search}
          leftSection={<IconSearch size={16} stroke={1.75} />}
          rightSection={search && <CloseButton size="sm" aria-label="Remove the search" onClick={() => onSearch('')} />}
          onChange={({ currentTarget }) => onSearch(currentTarget.value)}
        />
      )}
      {error && (
        <p role="alert" className={classes.error}>
          {error}
        </p>
      )}
    </div>
  );
}
