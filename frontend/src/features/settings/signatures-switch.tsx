import { useChangeSettings } from '@/api/settings';
import { SettingSwitch, type SwitchWords } from './setting-switch';

const words: SwitchWords = {
  title: 'Legacy signatures',
  on: 'Requests signed with BLAIZE-HMAC-SHA256 are accepted. This signature does not cover the query string, so anyone who intercepts a request can change its parameters. For older scripts only.',
  off: 'Requests signed with BLAIZE-HMAC-SHA256 are refused. Programs sign with ZEPHR-HMAC-SHA256, which also covers the query string.',
};

interface Props {
  tenant: string;
  checked: boolean;
  /** False makes the control read-only. */
  mayChange: boolean;
}

/** Accepts requests whose signature does not cover the query string. */
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
