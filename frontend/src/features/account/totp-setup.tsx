import { TextInput } from '@mantine/core';
import { useState } from 'react';
import { ApiError } from '@/api/client';
import { useConfirmTotp } from '@/api/second-factor';
import { Copy } from '@/shared/ui/copy';
import type { Held } from '@/shared/ui/secret-dialog/held';
import { SecretForm } from '@/shared/ui/secret-dialog/secret-form';
import classes from './account.module.css';
import { QrCode } from './qr-code';
import { RecoveryCodes } from './recovery-codes';

interface Props extends Held {
  setup: { secret: string; uri: string };
  onClose: () => void;
}

/** Shows the secret as a QR code and as text, and asks for a code of the app. Nothing is set up before a correct code. */
export function TotpSetup({ setup: { secret, uri }, asked, onHeld, onClose }: Props) {
  const confirm = useConfirmTotp();
  const [code, setCode] = useState('');
  const [missing, setMissing] = useState(false);
  const codes = confirm.data?.recoveryCodes ?? [];
  if (codes.length > 0) return <RecoveryCodes codes={codes} asked={asked} onHeld={onHeld} onDone={onClose} />;

  function send(typed: string): void {
    const digits = typed.replace(/\s/g, '');
    setMissing(!digits);
    if (!digits || confirm.isPending) return;
    confirm.mutate(digits, {
      onSuccess: ({ recoveryCodes }) => recoveryCodes.length === 0 && onClose(),
      onError: () => setCode(''),
    });
  }

  const wrong = confirm.error instanceof ApiError && confirm.error.problem.field ? confirm.error : null;
  return (
    <SecretForm
      make="Confirm"
      making={confirm.isPending}
      error={wrong ? null : confirm.error}
      onMake={() => send(code)}
      onCancel={onClose}
    >
      <p className={classes.step}>
        1. Scan this with an authenticator app, such as Aegis, Google Authenticator or the one in your password manager.
        On this device, <a href={uri}>open it in the app</a>.
      </p>
      <QrCode text={uri} label="QR code for your authenticator app" />
      <p className={classes.step}>Or type this key into the app:</p>
      <div className={classes.secret}>
        <code>{secret.match(/.{1,4}/g)?.join(' ')}</code>
        <Copy value={secret} label="Copy the key" />
      </div>
      <TextInput
        data-autofocus
        label="2. Code that the app shows"
        description="6 digits"
        autoComplete="one-time-code"
        inputMode="numeric"
        maxLength={12}
        readOnly={confirm.isPending}
        value={code}
        error={missing ? 'Type the code that the app shows.' : wrong?.message}
        errorProps={{ role: 'alert' }}
        onChange={({ currentTarget: { value } }) => {
          confirm.reset();
          setMissing(false);
          setCode(value);
          if (/^\d{6}$/.test(value.replace(/\s/g, ''))) send(value);
        }}
      />
    </SecretForm>
  );
}
