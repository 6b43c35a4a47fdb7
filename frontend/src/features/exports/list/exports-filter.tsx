import { Button } from '@mantine/core';
import { DayInput } from '@/shared/ui/dates/day-input';
import { ListSearch } from '@/shared/ui/list-search';
import { SelectField } from '@/shared/ui/select-field';
import classes from './exports-filter.module.css';

/** The values of the filter; "" for none. */
export interface Chosen {
  search: string;
  /** `all`, `me` or an email address. */
  requester: string;
  from: string;
  to: string;
}

interface Props {
  value: Chosen;
  /** The email addresses of requesters to offer. */
  requesters: readonly string[];
  /** `replace` replaces the history entry: for each further letter of the same search. */
  onChange: (next: Partial<Chosen>, replace: boolean) => void;
  /** Null without a filter. */
  onClear: (() => void) | null;
}

/** Filters the exports by text, requester and days. */
export function ExportsFilter({ value, requesters, onChange, onClear }: Props) {
  const own = new Set(['all', 'me', ...requesters, value.requester]);
  return (
    <search className={classes.filter}>
      <ListSearch
        label="Search words, file name or ID"
        className={classes.search}
        value={value.search}
        onChange={(search) => onChange({ search }, true)}
      />
      <SelectField
        aria-label="Requested by"
        className={classes.requester ?? ''}
        searchable
        data={[...own].map((one) => ({ value: one, label: names[one] ?? one }))}
        value={value.requester}
        allowDeselect={false}
        onChange={(requester) => onChange({ requester: requester ?? 'all' }, false)}
      />
      <DayInput label="From" value={value.from} onChange={(from) => onChange({ from }, false)} />
      <DayInput label="To" value={value.to} onChange={(to) => onChange({ to }, false)} />
      {onClear && (
        <Button variant="subtle" onClick={onClear}>
          Clear
        </Button>
      )}
    </search>
  );
}

const names: Record<string, string> = { all: 'Everyone', me: 'Only me' };
