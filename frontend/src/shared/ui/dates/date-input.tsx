import { ActionIcon, Popover, TextInput } from '@mantine/core';
import { DatePicker } from '@mantine/dates';
import '@mantine/dates/styles.layer.css'; // after the sheets of the components, which it overrides
import { IconCalendar } from '@tabler/icons-react';
import { useRef, useState } from 'react';
import { locale } from '../format';
import type { ValueProps } from '../value-props';
import classes from './date-input.module.css';
import { dateText } from './date-text';
import { spanOf } from './spans';
import { readDate } from './typed-date';

interface Props extends ValueProps {
  type: 'date' | 'datetime';
}

/** An input for a date or a date and time in UTC, typed or picked. Text that cannot be parsed is kept and reported. */
export function DateInput({ type, value, onChange, ...props }: Props) {
  const [typed, setTyped] = useState<string | null>(null); // the text while the input has the focus
  const input = useRef<HTMLInputElement>(null);
  return (
    <TextInput
      {...props}
      ref={input}
      autoComplete="off"
      value={typed ?? dateText(type, value)}
      onChange={({ currentTarget }) => {
        setTyped(currentTarget.value);
        onChange(readDate(type, currentTarget.value) ?? currentTarget.value);
      }}
      onBlur={() => setTyped(null)}
      rightSection={
        <Calendar
          type={type}
          value={value}
          onChange={onChange}
          label={`${props['aria-label']}: pick a date`}
          onDone={() => input.current?.focus()}
        />
      }
    />
  );
}

interface CalendarProps extends Pick<Props, 'type' | 'value' | 'onChange'> {
  label: string;
  onDone: () => void;
}

function Calendar({ type, value, onChange, label, onDone }: CalendarProps) {
  const [opened, setOpened] = useState(false);
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
        <ActionIcon aria-label={label} onClick={() => setOpened(!opened)}>
          <IconCalendar size={15} stroke={1.75} aria-hidden />
        </ActionIcon>
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
