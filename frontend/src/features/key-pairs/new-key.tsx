import { TextInput } from '@mantine/core';
import { useState } from 'react';
import { useMakeKeyPair } from '@/api/key-pairs';
import type { Held } from '@/shared/ui/secret-dialog/held';
import { SecretForm } from '@/shared/ui/secret-dialog/secret-form';
import { SecretShown } from '@/shared/ui/secret-dialog/secret-shown';
import { problemOf } from './note';

interface Props extends Held {
  tenant: string;
  userId: string;
  onClose: () => void;
}

/** Asks for a note and creates a key pair. Its state, with the secret, is dropped when it unmounts. */
export function NewKey({ tenant, userId, asked, onHeld, onClose }: Props) {
  const make = useMakeKeyPair(tenant);
  const [note, setNote] = useState('');
  const wrong = problemOf(note);
  if (make.data) {
    return (
      <SecretShown
        values={{ 'Access key': make.data.access_key, 'Secret key': make.data.secret_key }}
        warning={asked ? 'The secret key is not shown again. Copy it, then select Done.' : null}
        onDone={onClose}
      >
        <b>Copy the secret key now.</b> It is not shown again. Anyone who has it has your rights in this tenant.
      </SecretShown>
    );
  }

  function create(): void {
    if (wrong) return;
    onHeld(true);
    make.mutate({ userId, note: note.trim() }, { onError: () => onHeld(false) });
  }

  return (
    <SecretForm make="Create" making={make.isPending} error={make.error} onMake={create} onCancel={onClose}>
      <TextInput
        data-autofocus
        dir="auto"
        label="Note"
        description="Optional. What the key is used for, for example “nightly export”."
        autoComplete="off"
        value={note}
        error={wrong}
        errorProps={{ role: 'alert' }}
        onChange={({ currentTarget }) => setNote(currentTarget.value)}
      />
    </SecretForm>
  );
}
