import { Button, TextInput } from '@mantine/core';
import { type FormEvent, useId, useState } from 'react';
import type { Settings } from '@/api/client';
import { useReach } from '@/api/reach';
import { useChangeSettings } from '@/api/settings';
import { SelectField } from '@/shared/ui/select-field';
import { choicesOf, custom, readDays } from './retention';
import { Setting } from './setting';
import classes from './settings.module.css';

// The admin asked for the input, so it gets the focus.
const focus = (input: HTMLInputElement | null) => input?.focus();

interface Props {
  tenant: string;
  settings: Settings;
  /** False makes the control read-only. */
  mayChange: boolean;
}

/** How long files are kept: one of the presets, or a number of days. */
export function RetentionField({ tenant, settings, mayChange }: Props) {
  const set = useChangeSettings(tenant);
  const { offline } = useReach();
  const ids = { title: useId(), about: useId() };
  const [days, setDays] = useState<string | null>(null); // as typed; null while a preset is chosen
  const [wrong, setWrong] = useState<string | null>(null);
  const barred = !mayChange || offline;

  function choose(value: string | null): void {
    set.reset();
    setWrong(null);
    setDays(value === custom ? '' : null);
    if (value === null || value === custom) return;
    const retentionSeconds = Number(value);
    if (retentionSeconds !== settings.retentionSeconds) set.mutate({ retentionSeconds });
  }

  function save(event: FormEvent): void {
    event.preventDefault();
    const read = readDays(days ?? '');
    setWrong('problem' in read ? read.problem : null);
    if ('seconds' in read && !set.isPending) {
      set.mutate({ retentionSeconds: read.seconds }, { onSuccess: () => setDays(null) });
    }
  }

  return (
    <Setting
      ids={ids}
      title="Keep files for"
      problem={set.error?.message}
      about="Counted from the end of an export. Then its files are deleted and the export is expired; its receipt is kept. A change applies to exports that end later; existing files keep their expiry."
    >
      <SelectField
        className={classes.time ?? ''}
        aria-label="Keep files for"
        aria-describedby={ids.about}
        data={choicesOf(settings.retentionSeconds, settings.retentionSecondsDefault)}
        value={days === null ? String(settings.retentionSeconds) : custom}
        allowDeselect={false}
        disabled={barred}
        onChange={choose}
      />
      {days !== null && (
        <form className={classes.days} noValidate onSubmit={save}>
          <TextInput
            label="Days"
            inputMode="numeric"
            autoComplete="off"
            ref={focus}
            value={days}
            error={wrong}
            disabled={barred}
            onChange={({ currentTarget }) => {
              setDays(currentTarget.value);
              setWrong(null);
            }}
          />
          <Button type="submit" variant="filled" loading={set.isPending} disabled={barred}>
            Save
          </Button>
        </form>
      )}
    </Setting>
  );
}
