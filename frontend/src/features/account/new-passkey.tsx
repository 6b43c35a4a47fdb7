import { TextInput } from '@mantine/core';
import { useState } from 'react';
import { ApiError } from '@/api/client';
import { useAddPasskey } from '@/api/second-factor';
import type { Held } from '@/shared/ui/secret-dialog/held';
import { SecretForm } from '@/shared/ui/secret-dialog/secret-form';
import { deviceName } from '@/shared/ui/user-agent';
import { RecoveryCodes } from './recovery-codes';

/** Asks for a name, then the browser creates the passkey. After the first second factor it shows the recovery codes. */
export function NewPasskey({ asked, onHeld, onClose }: Held & { onClose: () => void }) {
  const add = useAddPasskey();
  const [name, setName] = useState(() => deviceName(navigator.userAgent));
  const [missing, setMissing] = useState(false);
  const codes = add.data?.recoveryCodes ?? [];
  if (codes.length > 0) return <RecoveryCodes codes={codes} asked={asked} onHeld={onHeld} onDone={onClose} />;

  function create(): void {
    setMissing(!name.trim());
    if (!name.trim()) return;
    add.mutate(name.trim(), { onSuccess: ({ recoveryCodes }) => recoveryCodes.length === 0 && onClose() });
  }

  const wrong = add.error instanceof ApiError && add.error.problem.field === 'name' ? add.error : null;
  return (
    <SecretForm
      make="Create passkey"
      making={add.isPending}
      error={wrong ? null : add.error}
      onMake={create}
      onCancel={onClose}
    >
      <TextInput
        data-autofocus
        dir="auto"
        label="Name"
        description="A name to recognize this passkey by, for example “Work laptop”."
        autoComplete="off"
        maxLength={100}
        value={name}
        error={missing ? 'Enter a name.' : wrong?.message}
        errorProps={{ role: 'alert' }}
        onChange={({ currentTarget }) => {
          setMissing(false);
          setName(currentTarget.value);
        }}
      />
    </SecretForm>
  );
}
