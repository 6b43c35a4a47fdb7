import { Button } from '@mantine/core';
import { DayInput } from '@/shared/ui/dates/day-input';
import { ListSearch } from '@/shared/ui/list-search';
import { SelectField } from '@/shared/ui/select-field';
import { groups } from './actions';
import classes from './audit-log.module.css';

/** The values of the filter; "" for none. */
export interface Chosen {
  what: string;
  search: string;
  from: string;
  to: string;
}

interface Props {
  value: Chosen;
  /** `replace` replaces the history entry: for each further letter of the same search. */
  onChange: (next: Partial<Chosen>, replace: boolean) => void;
  /** Null without a filter. */
  onClear: (() => void) | null;
}

const kinds = Object.entries(groups).map(([value, { title }]) => ({ value, label: title }));

/** Filters the audit log by text, kind and days. */
export function AuditFilter({ value, onChange, onClear }: Props) {
  return (
    <search className={classes.filter}>
      <ListSearch
        label="Search email, text or ID"
        className={classes.search}
        value={value.search}
        onChange={(search) => onChange({ search }, true)}
      />
      <SelectField
        aria-label="Action"
        placeholder="All actions"
        data={kinds}
        value={value.what || null}
        clearable
        onChange={(what) => onChange({ what: what ?? '' }, false)}
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
