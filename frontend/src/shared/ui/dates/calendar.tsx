import { Popover, TextInput } from '@mantine/core';
import { DatePicker } from '@mantine/dates';
import '@mantine/dates/styles.layer.css'; // after the sheets of the components, which it overrides
import { useRef, useState } from 'react';
import { locale } from '../format';
import { useOpenedByPress } from '../use-loaded-by-press';
import classes from './calendar.module.css';
import { CalendarButton } from './calendar-button';
import { spanOf } from './spans';

/** The props of the button of a calendar. */
export interface CalendarProps {
  type: 'date' | 'datetime';
  value: string;
  onChange: (value: string) => void;
  /** The name of the button and of the calendar. */
  label: string;
  onDone: () => void;
}

/** The button with its calendar, which opens at once. */
export function Calendar({ type, value, onChange, label, onDone }: CalendarProps) {
  const button = useRef<HTMLButtonElement>(null);
  const [opened, setOpened] = useState(false);
  useOpenedByPress(button, () => setOpened(true));
  const span = spanOf(type, value);
  const date = span ? new Date(span.start).toISOString().slice(0, 10) : null;
  const time = /[T ](\d\d:\d\d)/.exec(value)?.[1] ?? '';
  const done = () => {
    setOpened(false);
    onDone();
  };
  return (
    <Popover opened={opened} onChange={setOpened} position="bottom-end" trapFocus>
      <Popover.Target>
        <CalendarButton ref={button} aria-label={label} onClick={() => setOpened(!opened)} />
      </Popover.Target>
      <Popover.Dropdown
        className={classes.calendar}
        aria-label={label}
        onKeyDown={(event) => {
          if (event.key !== 'Escape') return;
          event.stopPropagation(); // closes the calendar, not the drawer
          done();
        }}
      >
        <DatePicker
          size="xs"
          value={date}
          defaultDate={date ?? new Date().toISOString().slice(0, 10)}
          onChange={(picked) => {
            if (picked) onChange(time ? `${picked}T${time}` : picked);
            done();
          }}
          ariaLabels={{ previousMonth: 'Previous month', nextMonth: 'Next month', monthLevelControl: 'Choose a month' }}
          monthLabelFormat={monthLabel}
          weekdayFormat={weekdayLabel}
          getDayAriaLabel={dayLabel}
        />
        {type === 'datetime' && (
          <TextInput
            type="time"
            label="Time in UTC, or the whole day"
            value={time}
            disabled={!date}
            onChange={({ currentTarget }) =>
              date && onChange(currentTarget.value ? `${date}T${currentTarget.value}` : date)
            }
          />
        )}
      </Popover.Dropdown>
    </Popover>
  );
}

// The calendar passes dates as "2026-08-31", which JavaScript parses as UTC.
function written(date: string, options: Intl.DateTimeFormatOptions): string {
  const of = locale.startsWith('en') ? 'en-GB' : locale;
  return new Intl.DateTimeFormat(of, { ...options, timeZone: 'UTC' }).format(new Date(date.slice(0, 10)));
}

/** "August 2026". */
function monthLabel(date: string): string {
  return written(date, { month: 'long', year: 'numeric' });
}

/** "Mo". */
function weekdayLabel(date: string): string {
  return written(date, { weekday: 'short' }).slice(0, 2);
}

/** "Monday 31 August 2026". */
function dayLabel(date: string): string {
  return written(date, { weekday: 'long', day: 'numeric', month: 'long', year: 'numeric' });
}
