import { Checkbox, MultiSelect } from '@mantine/core';
import { IconChevronDown } from '@tabler/icons-react';
import classes from './fields.module.css';
import { type ExportForm, mustMatch } from './form';

interface Props {
  form: ExportForm;
  /** The tenant's app ids. */
  known: readonly string[];
  error: string | undefined;
  onChange: (part: Pick<Partial<ExportForm>, 'appIds' | 'onlyMatching'>) => void;
}

/** ProfileOptions chooses the apps and whether to leave out users without a profile. */
export function ProfileOptions({ form, known, error, onChange }: Props) {
  const must = mustMatch(form);
  return (
    // biome-ignore lint/a11y/useSemanticElements: a fieldset's legend cannot stand in the line
    <div role="group" aria-label="Options of Extended Profiles" className={classes.options}>
      <span className={classes.muted} aria-hidden>
        Extended Profiles from
      </span>
      <MultiSelect
        className={classes.apps ?? ''}
        aria-label="Extended Profiles from"
        data-some={form.appIds.length > 0 || undefined}
        placeholder={form.appIds.length === 0 ? 'All app IDs' : ''}
        data={[...known]}
        value={[...form.appIds]}
        error={error}
        errorProps={{ role: 'alert' }}
        clearable
        searchable
        rightSection={<IconChevronDown size={15} stroke={1.75} aria-hidden />}
        nothingFoundMessage="No matching app ID"
        onChange={(appIds) => onChange({ appIds })}
      />
      <Checkbox
        className={classes.matching ?? ''}
        classNames={{ label: classes.matchingLabel ?? '' }}
        radius="xs"
        label="Only users with a matching profile"
        description={must ? 'Always on without Attributes.' : undefined}
        checked={form.onlyMatching || must}
        disabled={must}
        onChange={({ currentTarget }) => onChange({ onlyMatching: currentTarget.checked })}
      />
    </div>
  );
}
