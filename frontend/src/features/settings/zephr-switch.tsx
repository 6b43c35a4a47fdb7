import { useChangeSettings } from '@/api/settings';
import { SettingSwitch, type SwitchWords } from './setting-switch';

const words: SwitchWords = {
  title: 'Accept Zephr signatures',
  on: 'Requests signed with ZEPHR-HMAC-SHA256 are accepted. This signature is not a real HMAC: Egress refuses the known ways to forge a request from one that was observed, but only HTTP Message Signatures (RFC 9421) rule forgery out.',
  off: 'Requests signed with ZEPHR-HMAC-SHA256 or BLAIZE-HMAC-SHA256 are refused. Programs sign with HTTP Message Signatures (RFC 9421), with the same API keys.',
};

interface Props {
  tenant: string;
  checked: boolean;
  /** False makes the control read-only. */
  mayChange: boolean;
}

/** Accepts requests that are signed with the schemes of Zephr. */
export function ZephrSwitch({ tenant, ...rest }: Props) {
  const set = useChangeSettings(tenant);
  return (
    <SettingSwitch
      words={words}
      name="zephrSignatures"
      busy={set.isPending}
      problem={set.error?.message}
      onChange={(zephrSignatures) => set.mutate({ zephrSignatures })}
      {...rest}
    />
  );
}
