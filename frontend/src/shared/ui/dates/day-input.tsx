import { Input } from '@mantine/core';
import { useEffect, useId, useState } from 'react';
import { DateInput } from './date-input';
import classes from './day-input.module.css';
import { readDate } from './typed-date';

interface Props {
  label: string;
  /** "2026-08-31", or "" for none. */
  value: string;
  onChange: (value: string) => void;
}

/** A labelled input for a day, typed or picked. Text that is no day is kept and reported, and changes nothing. */
export function DayInput({ label, value, onChange }: Props) {
  const [text, setText] = useState(value);
  const error = useId();
  useEffect(() => setText(value), [value]);
  const wrong = text !== '' && !isDay(text);
  return (
    <div className={classes.day}>
      <span aria-hidden>{label}</span>
      <DateInput
        type="date"
        aria-label={label}
        value={text}
        placeholder="Any day"
        {...(wrong && { error: `${label}: enter a date such as 31 Aug 2026.`, errorProps: { hidden: true } })}
        onChange={(next) => {
          setText(next);
          if (next === '' || isDay(next)) onChange(next);
        }}
      />
      {wrong && (
        <Input.Error id={error} role="alert">
          Enter a date such as 31 Aug 2026.
        </Input.Error>
      )}
    </div>
  );
}

function isDay(text: string): boolean {
  return /^\d{4}-\d\d-\d\d$/.test(text) && readDate('date', text) !== null;
}
