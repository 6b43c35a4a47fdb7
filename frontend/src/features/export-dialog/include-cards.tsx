import { Checkbox } from '@mantine/core';
import { type Ref, useId } from 'react';
import type { Preview } from '@/shared/api/client';
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
  { group: 'foreignKeys', name: 'Foreign Keys', line: 'The user’s id in each connected system.' },
  { group: 'grants', name: 'Grants', line: 'One row per subscription. A user with none keeps one row.' },
];

interface Props {
  ref: Ref<HTMLDivElement>;
  include: ExportForm['include'];
  /** How many columns each group has; undefined while unknown. */
  groups: Preview['groups'] | undefined;
  error: string | undefined;
  onChange: (include: ExportForm['include']) => void;
}

/** The four groups of columns, each a checkbox. */
export function IncludeCards({ ref, include, groups, error, onChange }: Props) {
  const id = useId();
  return (
    // biome-ignore lint/a11y/useSemanticElements: the cards are laid out in a grid, which a fieldset is not in every browser
    <div ref={ref} role="group" aria-labelledby={id} aria-describedby={error && `${id}-error`}>
      <span id={id} className={fields.label}>
        Include
      </span>
      <div className={classes.cards}>
        {cards.map(({ group, name, line }) => (
          <Checkbox.Card
            key={group}
            className={classes.card ?? ''}
            checked={include[group]}
            aria-labelledby={`${id}-${group}`}
            aria-describedby={`${id}-${group}-line ${id}-${group}-count`}
            onChange={(checked) => onChange({ ...include, [group]: checked })}
          >
            <Checkbox.Indicator radius="xs" className={classes.box ?? ''} />
            <span className={classes.name} id={`${id}-${group}`}>
              {name}
            </span>
            <span className={classes.count} id={`${id}-${group}-count`}>
              {groups ? counted(groups[group], 'column') : ''}
            </span>
            <span className={classes.line} id={`${id}-${group}-line`}>
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
