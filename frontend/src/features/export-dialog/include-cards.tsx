import { Checkbox } from '@mantine/core';
import { type Ref, useId } from 'react';
import type { Preview } from '@/api/client';
import { counted } from '@/shared/ui/format';
import fields from './fields.module.css';
import type { ExportForm, Group } from './form';
import classes from './include-cards.module.css';

const cards: readonly { group: Group; name: string; line: string }[] = [
  { group: 'attributes', name: 'Attributes', line: 'Every field of the user schema. Passwords are never exported.' },
  {
    group: 'extendedProfiles',
    name: 'Extended Profiles',
    line: 'What each app stores about a user, as JSON in one cell.',
  },
  { group: 'foreignKeys', name: 'Foreign Keys', line: 'The user’s ID in each connected system.' },
  { group: 'grants', name: 'Grants', line: 'One row per subscription. A user with none keeps one row.' },
];

const second = {
  key: 'stateEvents',
  name: 'State events',
  line: 'What happened to their subscriptions: granted, renewed, expired. One row per event.',
  count: 'A second file',
  wide: true,
};

interface Props {
  ref: Ref<HTMLDivElement>;
  include: ExportForm['include'];
  /** Whether state events are exported; undefined if the tenant does not have the feature. */
  events: boolean | undefined;
  /** The number of columns of each group; undefined while unknown. */
  groups: Preview['groups'] | undefined;
  error: string | undefined;
  onChange: (include: ExportForm['include']) => void;
  onEvents: (chosen: boolean) => void;
}

/**
 * IncludeCards chooses the groups of columns and, if the tenant has the feature, the state events
 * file.
 */
export function IncludeCards({ ref, include, events, groups, error, onChange, onEvents }: Props) {
  const id = useId();
  const all = cards.map(({ group, ...card }) => ({
    ...card,
    key: group as string,
    wide: false,
    checked: include[group],
    count: groups ? counted(groups[group], 'column') : '',
    onChange: (checked: boolean) => onChange({ ...include, [group]: checked }),
  }));
  if (events !== undefined) all.push({ ...second, checked: events, onChange: onEvents });
  return (
    // biome-ignore lint/a11y/useSemanticElements: the cards are laid out in a grid, which a fieldset is not in every browser
    <div ref={ref} role="group" aria-labelledby={id} aria-describedby={error && `${id}-error`}>
      <span id={id} className={fields.label}>
        Include
      </span>
      <div className={classes.cards}>
        {all.map(({ key, name, line, count, wide, checked, onChange }) => (
          <Checkbox.Card
            key={key}
            className={`${classes.card} ${wide ? classes.wide : ''}`}
            checked={checked}
            aria-labelledby={`${id}-${key}`}
            aria-describedby={`${id}-${key}-line ${id}-${key}-count`}
            onChange={onChange}
          >
            <Checkbox.Indicator radius="xs" className={classes.box ?? ''} />
            <span className={classes.name} id={`${id}-${key}`}>
              {name}
            </span>
            <span className={classes.count} id={`${id}-${key}-count`}>
              {count}
            </span>
            <span className={classes.line} id={`${id}-${key}-line`}>
              {line}
            </span>
          </Checkbox.Card>
        ))}
      </div>
      {error && (
        <p role="alert" id={`${id}-error`} className={fields.error}>
          {error}
        </p>
      )}
    </div>
  );
}
