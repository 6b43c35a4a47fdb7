import { TextInput } from '@mantine/core';
import { useState } from 'react';
import { useMakeKeyPair } from '@/shared/api/key-pairs';
import type { Held } from '@/shared/ui/secret-dialog/secret-dialog';
import { SecretForm } from '@/shared/ui/secret-dialog/secret-form';
import { SecretShown } from '@/shared/ui/secret-dialog/secret-shown';
import { problemOf } from './note';

interface Props extends Held {
  tenant: string;
  userId: string;
  onClose: () => void;
}

/** Asks what a pair is for and makes it. What it holds, the secret too, goes when it goes. */
export function NewKey({ tenant, userId, asked, onHeld, onClose }: Props) {
  const make = useMakeKeyPair(tenant);
  const [note, setNote] = useState('');
  const wrong = problemOf(note);
  if (make.data) {
    return (
      <SecretShown
        values={{ 'Access key': make.data.access_key, 'Secret key': make.data.secret_key }}
        warning={asked ? 'Closing loses the secret key. Press Done once you have it.' : null}
        onDone={onClose}
      >
        <b>Copy the secret key now.</b> It is not shown again. Whoever has it may do here what you may.
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
        label="What for"
        description="Optional. It tells your key pairs apart, such as “nightly export”."
        autoComplete="off"
        value={note}
        error={wrong}
        errorProps={{ role: 'alert' }}
        onChange={({ currentTarget }) => setNote(currentTarget.value)}
      />
    </SecretForm>
  );
}
