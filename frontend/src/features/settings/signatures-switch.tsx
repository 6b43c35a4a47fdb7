import { useChangeSettings } from '@/api/settings';
import { SettingSwitch, type SwitchWords } from './setting-switch';

const words: SwitchWords = {
  title: 'Legacy signatures',
  on: 'Requests signed with BLAIZE-HMAC-SHA256 are accepted, also without the query string in the signature: then anyone who intercepts a request can change its parameters. For older scripts only.',
  off: 'Requests signed with BLAIZE-HMAC-SHA256 are refused: that signature may leave out the query string. Programs sign with HTTP Message Signatures or ZEPHR-HMAC-SHA256, which cover it.',
};

interface Props {
  tenant: string;
  checked: boolean;
  /** False makes the control read-only. */
  mayChange: boolean;
}

/** Accepts requests whose signature may leave out the query string. */
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
