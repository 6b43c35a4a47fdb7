import { useChangeSettings } from '@/shared/api/settings';
import { SettingSwitch, type SwitchWords } from './setting-switch';

const words: SwitchWords = {
  title: 'Legacy signatures',
  on: 'Requests signed with BLAIZE-HMAC-SHA256 are taken. That signature does not cover the query, so whoever intercepts a request can change what it asks for. For older scripts only.',
  off: 'Requests signed with BLAIZE-HMAC-SHA256 are refused. Programs sign with ZEPHR-HMAC-SHA256, which covers the query too.',
};

interface Props {
  tenant: string;
  checked: boolean;
  /** Others look. */
  mayChange: boolean;
}

/** Whether requests are taken whose signature leaves the query out. */
export function SignaturesSwitch({ tenant, ...rest }: Props) {
  const set = useChangeSettings(tenant);
  return (
    <SettingSwitch
      words={words}
      name="legacySignatures"
      busy={set.isPending}
      problem={set.error?.message}
      onChange={(legacySignatures) => set.mutate({ legacySignatures })}
      {...rest}
    />
  );
}
