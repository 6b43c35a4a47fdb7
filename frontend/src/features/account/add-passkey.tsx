import { Button } from '@mantine/core';
import { IconFingerprint } from '@tabler/icons-react';
import { hasPasskeys } from '@/api/webauthn';
import { SecretDialog } from '@/shared/ui/secret-dialog/secret-dialog';
import { useDialog } from '@/shared/ui/secret-dialog/use-dialog';
import classes from './account.module.css';
import { NewPasskey } from './new-passkey';

/** Adds a passkey, the first or another one. */
export function AddPasskey({ more }: { more: boolean }) {
  const { opened, open, close, button, offline } = useDialog();
  const able = hasPasskeys();
  return (
    <div className={classes.item}>
      <IconFingerprint size={20} stroke={1.75} aria-hidden />
      <div className={classes.words}>
        <h3>{more ? 'Another passkey' : 'Passkey'}</h3>
        <p>
          {able
            ? 'Your fingerprint, your face, or a security key. It works at this address only, so it cannot be phished.'
            : 'This browser cannot create passkeys here. Passkeys need a current browser and HTTPS.'}
        </p>
      </div>
      <div className={classes.actions}>
        <Button ref={button} size="xs" aria-disabled={offline || !able || undefined} onClick={() => able && open()}>
          Add a passkey
        </Button>
      </div>
      <SecretDialog title="New passkey" opened={opened} onClose={close}>
        {(held) => <NewPasskey onClose={close} {...held} />}
      </SecretDialog>
    </div>
  );
}
