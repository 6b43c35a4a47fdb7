import { Switch } from '@mantine/core';
import { useId } from 'react';
import { useReach } from '@/shared/api/reach';
import { Setting } from './setting';
import classes from './settings.module.css';

/** What a switch is called, and what is so with it and without. */
export interface SwitchWords {
  title: string;
  on: string;
  off: string;
}

interface Props {
  words: SwitchWords;
  /** What the API calls it. */
  name: string;
  checked: boolean;
  /** Others look. */
  mayChange: boolean;
  /** A change is under way; another one waits. */
  busy: boolean;
  /** What went wrong with the last change. */
  problem: string | undefined;
  onChange: (checked: boolean) => void;
}

/** Something of the tenant that is on or off, and the words for both. */
export function SettingSwitch({ words: { title, on, off }, name, checked, mayChange, busy, problem, onChange }: Props) {
  const { offline } = useReach();
  const ids = { title: useId(), about: useId() };
  return (
    <Setting
      ids={ids}
      title={title}
      problem={problem}
      about={
        <>
          <dl className={classes.ways}>
            <dt data-now={checked || undefined}>On</dt>
            <dd data-now={checked || undefined}>{on}</dd>
            <dt data-now={!checked || undefined}>Off</dt>
            <dd data-now={!checked || undefined}>{off}</dd>
          </dl>
          <code>{name}</code>
        </>
      }
    >
      <Switch
        classNames={{ track: classes.track ?? '' }}
        withThumbIndicator={false}
        aria-labelledby={ids.title}
        aria-describedby={ids.about}
        aria-busy={busy || undefined}
        checked={checked}
        disabled={!mayChange || offline}
        onChange={({ currentTarget }) => {
          if (!busy) onChange(currentTarget.checked);
        }}
      />
      <span className={classes.state} aria-hidden>
        {checked ? 'On' : 'Off'}
      </span>
    </Setting>
  );
}
