import { Switch } from '@mantine/core';
import { useId } from 'react';
import { type Feature, useSetFeature } from '@/shared/api/features';
import { useReach } from '@/shared/api/reach';
import { Setting } from './setting';
import classes from './settings.module.css';

/** What a switch is called, and what an export is with it and without. */
export interface FeatureWords {
  feature: Feature;
  title: string;
  on: string;
  off: string;
}

interface Props {
  tenant: string;
  words: FeatureWords;
  checked: boolean;
  /** Others look. */
  mayChange: boolean;
}

/** A switch of the tenant. It moves at once, and goes back with a word where the server refuses. */
export function FeatureSwitch({ tenant, words: { feature, title, on, off }, checked, mayChange }: Props) {
  const set = useSetFeature(tenant);
  const { offline } = useReach();
  const ids = { title: useId(), about: useId() };
  return (
    <Setting
      ids={ids}
      title={title}
      problem={set.error?.message}
      about={
        <>
          <dl className={classes.ways}>
            <dt data-now={checked || undefined}>On</dt>
            <dd data-now={checked || undefined}>{on}</dd>
            <dt data-now={!checked || undefined}>Off</dt>
            <dd data-now={!checked || undefined}>{off}</dd>
          </dl>
          <code>{feature}</code>
        </>
      }
    >
      <Switch
        classNames={{ track: classes.track ?? '' }}
        withThumbIndicator={false}
        aria-labelledby={ids.title}
        aria-describedby={ids.about}
        aria-busy={set.isPending || undefined}
        checked={checked}
        disabled={!mayChange || offline}
        onChange={({ currentTarget }) => {
          if (!set.isPending) set.mutate({ feature, enabled: currentTarget.checked });
        }}
      />
      <span className={classes.state} aria-hidden>
        {checked ? 'On' : 'Off'}
      </span>
    </Setting>
  );
}
