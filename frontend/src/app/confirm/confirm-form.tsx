import { Button, PasswordInput, TextInput } from '@mantine/core';
import { type FormEvent, useRef, useState } from 'react';
import type { SecondFactorChallenge } from '@/api/client';
import { useConfirmSecondFactor, useConfirmSession } from '@/api/confirm-session';
import { useMe } from '@/api/me';
import { duration } from '@/shared/ui/format';
import { useWait, waitOf } from '@/shared/ui/use-wait';
import classes from '../login/login.module.css';
import { SecondFactorForm } from '../login/second-factor-form';

interface Props {
  onConfirmed: () => void;
  onCancel: () => void;
}

/** Asks for the password, then for the second factor if the account has one. */
export function ConfirmForm({ onConfirmed, onCancel }: Props) {
  const email = useMe().data?.email ?? '';
  const confirm = useConfirmSession();
  const complete = useConfirmSecondFactor();
  const [password, setPassword] = useState('');
  const [factor, setFactor] = useState<SecondFactorChallenge | null>(null);
  const [over, setOver] = useState<string | null>(null); // why the second step ended; null before it
  const [wait, setWait] = useWait();
  const input = useRef<HTMLInputElement>(null);

  function submit(event: FormEvent): void {
    event.preventDefault();
    if (wait > 0 || confirm.isPending) return;
    if (!password) {
      input.current?.focus();
      return;
    }
    setOver(null);
    confirm.mutate(password, {
      onSuccess: ({ secondFactor }) => {
        setPassword('');
        if (secondFactor) setFactor(secondFactor);
        else onConfirmed();
      },
      onError: (error) => {
        setPassword('');
        setWait(waitOf(error));
        input.current?.focus();
      },
    });
  }

  const cancel = (
    <Button size="sm" onClick={onCancel}>
      Cancel
    </Button>
  );
  if (factor) {
    return (
      <>
        <p>Your password is correct. Now confirm with your second factor.</p>
        <SecondFactorForm
          factor={factor}
          size="sm"
          send={complete}
          onDone={onConfirmed}
          onOver={(why) => {
            complete.reset();
            setFactor(null);
            setOver(why);
          }}
          actions={cancel}
        />
      </>
    );
  }
  const problem = confirm.error?.message ?? over;
  return (
    <>
      <p>Enter your password to make this security change. You are not asked again for 15 minutes.</p>
      <form className={classes.form} data-tight method="post" noValidate onSubmit={submit}>
        <TextInput
          type="email"
          name="email"
          aria-label="Email address"
          autoComplete="username"
          readOnly
          data-settled
          value={email}
        />
        <PasswordInput
          ref={input}
          name="password"
          aria-label="Password"
          placeholder="Password"
          autoComplete="current-password"
          autoFocus
          data-autofocus
          maxLength={1024}
          error={problem && `${problem}${wait > 0 ? ` Try again in ${duration(wait)}.` : ''}`}
          errorProps={{ role: 'alert' }}
          aria-invalid={Boolean(problem) || undefined} // Mantine does not set it here
          value={password}
          onChange={({ currentTarget }) => setPassword(currentTarget.value)}
          visibilityToggleButtonProps={{ 'aria-label': 'Show password', tabIndex: 0 }}
        />
        <div className={classes.buttons}>
          <Button
            type="submit"
            variant="filled"
            aria-busy={confirm.isPending || undefined}
            aria-disabled={wait > 0 || undefined}
          >
            Confirm
          </Button>
          {cancel}
        </div>
      </form>
    </>
  );
}
