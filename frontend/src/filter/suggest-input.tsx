import { Autocomplete } from '@mantine/core';
import { IconChevronDown } from '@tabler/icons-react';
import { useState } from 'react';
import type { ValueProps } from '@/shared/ui/value-props';
import type { FilterField } from './fields';
import classes from './rule-editor.module.css';

interface Props extends ValueProps {
  options: FilterField['options'];
}

/**
 * A text input with suggestions; the label of a suggested value is shown next to it. Other text is allowed, and is
 * reported when the input loses the focus. Until then the value is "".
 */
export function SuggestInput({ options, value: reported, onChange, ...props }: Props) {
  const [typing, setTyping] = useState<string | null>(null); // text that is not reported yet
  const value = typing ?? reported;
  const labels = new Map(options.map((option) => [option.value, option.label]));
  const isOption = (text: string) => options.some((option) => option.value.toLowerCase() === text.toLowerCase());
  const label = labels.get(value);
  return (
    <div className={classes.suggest}>
      <Autocomplete
        {...props}
        value={value}
        onChange={(text) => {
          const complete = text === '' || isOption(text);
          setTyping(complete ? null : text);
          onChange(complete ? text : '');
        }}
        onBlur={() => {
          if (typing !== null) onChange(typing);
          setTyping(null);
        }}
        data={[...labels.keys()]}
        // All suggestions while the input contains one of them, otherwise those that contain the text.
        filter={({ search, limit }) =>
          options
            .filter(
              (option) =>
                labels.has(search) ||
                `${option.value} ${option.label}`.toLowerCase().includes(search.trim().toLowerCase()),
            )
            .slice(0, limit)
        }
        limit={300}
        selectFirstOptionOnChange
        openOnFocus={false}
        rightSection={<IconChevronDown size={15} stroke={1.75} aria-hidden />}
        rightSectionPointerEvents="none"
        renderOption={({ option }) => <Suggestion value={option.value} label={labels.get(option.value)} />}
      />
      {label && label !== value && (
        <span className={classes.label} aria-hidden>
          <span className={classes.ghost}>{value}</span>
          {label}
        </span>
      )}
    </div>
  );
}

function Suggestion({ value, label }: { value: string; label: string | undefined }) {
  return (
    <span className={classes.option}>
      {`${value} `}
      {label && label !== value && <span className={classes.dim}>{label}</span>}
    </span>
  );
}
