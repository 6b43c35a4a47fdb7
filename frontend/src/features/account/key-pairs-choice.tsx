import { Checkbox } from '@mantine/core';
import { counted } from '@/shared/ui/format';

interface Props {
  /** The number of key pairs of the account, in all tenants. */
  keyPairs: number;
  checked: boolean;
  onChange: (checked: boolean) => void;
}

/** The choice to revoke the account's key pairs together with its sessions. Nothing without key pairs. */
export function KeyPairsChoice({ keyPairs, checked, onChange }: Props) {
  if (keyPairs === 0) return null;
  return (
    <Checkbox
      label={`Also revoke my ${counted(keyPairs, 'API key')}`}
      description="In every tenant. Programs that sign with them are refused at once."
      checked={checked}
      onChange={({ currentTarget }) => onChange(currentTarget.checked)}
    />
  );
}
