import { type Feature, useSetFeature } from '@/api/features';
import { SettingSwitch, type SwitchWords } from './setting-switch';

/** A feature and its texts. */
export interface FeatureWords extends SwitchWords {
  feature: Feature;
}

interface Props {
  tenant: string;
  words: FeatureWords;
  checked: boolean;
  /** False makes the control read-only. */
  mayChange: boolean;
}

/** The switch of a feature. It changes immediately, and changes back with an error if the server refuses. */
export function FeatureSwitch({ tenant, words, ...rest }: Props) {
  const set = useSetFeature(tenant);
  const { feature } = words;
  return (
    <SettingSwitch
      words={words}
      name={feature}
      busy={set.isPending}
      problem={set.error?.message}
      onChange={(enabled) => set.mutate({ feature, enabled })}
      {...rest}
    />
  );
}
