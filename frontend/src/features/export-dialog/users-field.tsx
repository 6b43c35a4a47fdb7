import { Button, CloseButton, TextInput } from '@mantine/core';
import { IconSearch } from '@tabler/icons-react';
import { useId } from 'react';
import type { Rule } from '@/api/client';
import type { FilterField } from '@/filter/fields';
import { FilterSentence } from '@/filter/filter-sentence';
import classes from './fields.module.css';

interface Props {
  filter: Rule | null;
  fields: readonly FilterField[];
  /** The search text as typed. */
  search: string;
  /** Whether the screen has a search. Then the field to change it is shown. */
  searched: boolean;
  /** Whether filter and search are still those of the screen. */
  carried: boolean;
  error: string | undefined;
  onEdit: () => void;
  onSearch: (text: string) => void;
}

/** UsersField shows the users to export as a sentence, with their filter and search. */
export function UsersField({ filter, fields, search, searched, carried, error, onEdit, onSearch }: Props) {
  const label = useId();
  return (
    // biome-ignore lint/a11y/useSemanticElements: a fieldset's legend cannot be placed next to the store
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
          aria-label="Search email, name or ID"
          placeholder="Search email, name or ID"
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
