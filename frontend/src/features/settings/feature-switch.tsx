import { type Feature, useSetFeature } from '@/shared/api/features';
import { SettingSwitch, type SwitchWords } from './setting-switch';

/** A feature, and what an export is with it and without. */
export interface FeatureWords extends SwitchWords {
  feature: Feature;
}

interface Props {
  tenant: string;
  words: FeatureWords;
  checked: boolean;
  /** Others look. */
  mayChange: boolean;
}

/** A switch of the tenant. It moves at once, and goes back with a word where the server refuses. */
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
