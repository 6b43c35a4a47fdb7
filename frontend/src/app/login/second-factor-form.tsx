import { Button, TextInput } from '@mantine/core';
import { IconFingerprint } from '@tabler/icons-react';
import { type UseMutationResult, useMutation } from '@tanstack/react-query';
import { type FormEvent, type ReactNode, useRef, useState } from 'react';
import { ApiError, type SecondFactorAnswer, type SecondFactorChallenge } from '@/api/client';
import { getPasskey, hasPasskeys } from '@/api/webauthn';
import { duration } from '@/shared/ui/format';
import { useWait, waitOf } from '@/shared/ui/use-wait';
import classes from './login.module.css';

const digits = 6; // of a code of an authenticator app

interface Props {
  /** The challenge of the server. */
  factor: SecondFactorChallenge;
  size: 'sm' | 'md';
  /** Sends the answer. */
  send: UseMutationResult<unknown, Error, SecondFactorAnswer>;
  onDone: () => void;
  /** Called with the reason when the challenge is no longer valid: the password is needed again. */
  onOver: (why: string) => void;
  /** Buttons next to "Continue". */
  actions?: ReactNode;
}

/** Asks for the second factor: a passkey, a code of the authenticator app, or a recovery code. */
export function SecondFactorForm({ factor, size, send, onDone, onOver, actions }: Props) {
  const { challenge, methods, passkey } = factor;
  const byPasskey = passkey !== null && methods.includes('passkey') && hasPasskeys();
  const byApp = methods.includes('totp');
  const byRecovery = methods.includes('recovery_code');
  const [recovering, setRecovering] = useState(false);
  const [typed, setTyped] = useState('');
  const [wait, setWait] = useWait();
  const input = useRef<HTMLInputElement>(null);
  const device = useMutation({ mutationFn: getPasskey, gcTime: 0 });
  const busy = send.isPending || device.isPending;
  const asksCode = recovering || byApp || !byPasskey;

  function answer(given: Omit<SecondFactorAnswer, 'challenge'>): void {
    if (wait > 0 || send.isPending) return;
    send.mutate(
      { challenge, ...given },
      {
        onSuccess: onDone,
        onError: (error) => {
          if (isOver(error)) return onOver(error.message);
          setWait(waitOf(error));
          if (given.passkey) return;
          setTyped('');
          input.current?.focus();
        },
      },
    );
  }

  function type(text: string): void {
    send.reset();
    setTyped(text);
    const code = text.replace(/\s/g, '');
    if (!recovering && byApp && new RegExp(`^\\d{${digits}}$`).test(code)) answer({ code });
  }

  function submit(event: FormEvent): void {
    event.preventDefault();
    const code = typed.replace(/\s/g, '');
    if (code) answer(recovering || !byApp ? { recoveryCode: code } : { code });
    else input.current?.focus();
  }

  const field = send.error instanceof ApiError ? send.error.problem.field : undefined;
  const wrong = asksCode && (field === 'code' || field === 'recoveryCode') ? send.error : null;
  const failed = device.error ?? (wrong ? null : send.error);
  const app = byApp && !recovering;
  return (
    <form
      className={classes.form}
      data-tight={size === 'sm' || undefined}
      method="post"
      noValidate
      aria-label="Second factor"
      onSubmit={submit}
    >
      <div role="alert" className={classes.problem}>
        {failed?.message}
        {wait > 0 && ` Try again in ${duration(wait)}.`}
      </div>
      {byPasskey && !recovering && (
        <Button
          variant="filled"
          size={size}
          autoFocus
          data-autofocus
          leftSection={<IconFingerprint size={16} stroke={1.75} />}
          aria-busy={busy || undefined}
          onClick={() => {
            if (!busy) device.mutate(passkey, { onSuccess: (proof) => answer({ passkey: proof }) });
          }}
        >
          Use your passkey
        </Button>
      )}
      {asksCode && (
        <TextInput
          key={app ? 'app' : 'recovery'}
          ref={input}
          name={app ? 'code' : 'recovery-code'}
          label={app ? 'Code from your authenticator app' : 'Recovery code'}
          description={app ? `${digits} digits` : 'One of the codes that you saved. Each is valid once.'}
          size={size}
          autoFocus={!byPasskey || recovering}
          data-autofocus={!byPasskey || recovering || undefined}
          autoComplete={app ? 'one-time-code' : 'off'}
          inputMode={app ? 'numeric' : 'text'}
          autoCapitalize="none"
          spellCheck={false}
          readOnly={send.isPending}
          error={wrong?.message}
          errorProps={{ role: 'alert' }}
          value={typed}
          onChange={({ currentTarget }) => type(currentTarget.value)}
        />
      )}
      <div className={classes.buttons}>
        {asksCode && (
          <Button
            type="submit"
            variant={byPasskey && !recovering ? 'default' : 'filled'}
            size={size}
            aria-busy={busy || undefined}
            aria-disabled={wait > 0 || undefined}
          >
            Continue
          </Button>
        )}
        {actions}
      </div>
      {byRecovery && (byApp || byPasskey) && (
        <Button
          variant="transparent"
          className={classes.other ?? ''}
          onClick={() => {
            send.reset();
            device.reset();
            setTyped('');
            setRecovering(!recovering);
          }}
        >
          {recovering ? `Use your ${byApp ? 'authenticator app' : 'passkey'} instead` : 'Use a recovery code instead'}
        </Button>
      )}
    </form>
  );
}

// Reports whether the challenge has expired, was tried too often, or is unknown.
function isOver(error: unknown): error is ApiError {
  if (!(error instanceof ApiError)) return false;
  const { field } = error.problem;
  return field === 'challenge' || (!field && [400, 401, 404].includes(error.status));
}
