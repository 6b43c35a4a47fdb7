import { Switch } from '@mantine/core';
import { type ReactNode, useId } from 'react';
import { useReach } from '@/api/reach';
import { Setting } from './setting';
import classes from './settings.module.css';

/** The texts of a switch: its title, and what it means on and off. */
export interface SwitchWords {
  title: string;
  on: string;
  off: string;
}

interface Props {
  words: SwitchWords;
  /** The name in the API. */
  name: string;
  checked: boolean;
  /** Why it cannot be changed now, if the reason is not the role. */
  note?: ReactNode;
  /** False makes the control read-only. */
  mayChange: boolean;
  /** A change is pending; further ones are ignored. */
  busy: boolean;
  /** The error of the last change. */
  problem: string | undefined;
  onChange: (checked: boolean) => void;
}

/** A setting that is on or off, with a text for each state. */
export function SettingSwitch({
  words: { title, on, off },
  name,
  checked,
  note,
  mayChange,
  busy,
  problem,
  onChange,
}: Props) {
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
          {note && <p className={classes.note}>{note}</p>}
          <code>{name}</code>
        </>
      }
    >
      <Switch
        classNames={{ track: classes.track ?? '', thumb: classes.thumb ?? '' }}
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
