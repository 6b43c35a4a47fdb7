import { TextInput } from '@mantine/core';
import { type Ref, useId } from 'react';
import { lazyPart } from '@/shared/lazy-part';
import { type EventChoice, eventFault } from './events';
import classes from './fields.module.css';

// The calendar is large and seldom used, so it is loaded on demand.
const DateInput = lazyPart(async () => (await import('@/shared/ui/dates/date-input')).DateInput, {
  before: ({ type, onChange, ...props }) => <TextInput {...props} readOnly />,
});

interface Props {
  ref: Ref<HTMLFieldSetElement>;
  events: EventChoice;
  error: string | undefined;
  onChange: (events: EventChoice) => void;
}

/** EventOptions chooses the time range of the state events. */
export function EventOptions({ ref, events, error, onChange }: Props) {
  const id = useId();
  const fault = eventFault(events);
  const message = fault?.message ?? error;
  const bound = (end: 'from' | 'to', name: string) => {
    const props = {
      'aria-label': `State events ${end}`,
      placeholder: 'Any time',
      ...(fault?.at === end && { error: fault.message, errorProps: { hidden: true as const } }),
    };
    return (
      <>
        <span className={classes.muted} aria-hidden>
          {name}
        </span>
        <div className={classes.bound}>
          <DateInput
            {...props}
            type="datetime"
            value={events[end]}
            onChange={(text) => onChange({ ...events, [end]: text })}
          />
        </div>
      </>
    );
  };
  return (
    <fieldset ref={ref} className={classes.bounds} aria-label="Options of State events" aria-describedby={id}>
      <div className={classes.options}>
        {bound('from', 'From')}
        {bound('to', 'to')}
        <span className={classes.hint}>UTC; a date means the whole day</span>
      </div>
      <p id={id} className={classes.whose}>
        Events of the users above.
      </p>
      {message && (
        <p role="alert" className={classes.error}>
          {message}
        </p>
      )}
    </fieldset>
  );
}
