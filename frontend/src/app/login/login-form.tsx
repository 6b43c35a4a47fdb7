import { Button, PasswordInput, TextInput } from '@mantine/core';
import { type FormEvent, type ReactNode, useRef, useState } from 'react';
import { type SecondFactorChallenge, secondFactorAsked } from '@/api/client';
import { useLogin, useLoginSecondFactor } from '@/api/me';
import { lazyPart } from '@/shared/lazy-part';
import { duration } from '@/shared/ui/format';
import { useWait, waitOf } from '@/shared/ui/use-wait';
import classes from './login.module.css';

// Few log-ins need it.
const SecondFactorForm = lazyPart(async () => (await import('./second-factor-form')).SecondFactorForm);

interface Props {
  /** The fixed email address; without it the form asks for one. */
  email?: string;
  size: 'sm' | 'md';
  onDone: () => void;
  /** Buttons next to "Log in". */
  actions?: ReactNode;
}

/**
 * Asks for email address and password, then for the second factor if the account has one. A
 * refusal is shown above the fields, and the empty password field gets the focus.
 */
export function LoginForm({ email: settled, size, onDone, actions }: Props) {
  const login = useLogin();
  const complete = useLoginSecondFactor();
  const [email, setEmail] = useState(settled ?? '');
  const [password, setPassword] = useState('');
  const [factor, setFactor] = useState<SecondFactorChallenge | null>(null);
  const [over, setOver] = useState<string | null>(null); // why the second step ended; null before it
  const passwordInput = useRef<HTMLInputElement>(null);
  const [wait, setWait] = useWait();

  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (wait > 0 || login.isPending) return;
    setOver(null);
    login.mutate(
      { email, password },
      {
        onSuccess: onDone,
        onError: (error) => {
          const asked = secondFactorAsked(error);
          setPassword('');
          setFactor(asked ?? null);
          if (asked) return;
          passwordInput.current?.focus();
          setWait(waitOf(error));
        },
      },
    );
  };
  const back = (why: string) => {
    login.reset();
    complete.reset();
    setOver(why);
    setFactor(null);
  };
  if (factor) {
    return (
      <SecondFactorForm
        factor={factor}
        size={size}
        send={complete}
        onDone={onDone}
        onOver={back}
        actions={
          <Button size={size} onClick={() => back('')}>
            Back
          </Button>
        }
      />
    );
  }
  // The dialog has little room: its fields show their name as placeholder, and keep it for screen readers.
  const named = (name: string) => (settled === undefined ? { label: name } : { 'aria-label': name, placeholder: name });
  return (
    <form data-tight={settled !== undefined || undefined} className={classes.form} method="post" onSubmit={submit}>
      <div role="alert" className={classes.problem}>
        {login.error?.message ?? over}
        {wait > 0 && ` Try again in ${duration(wait)}.`}
      </div>
      <TextInput
        type="email"
        name="email"
        {...named('Email address')}
        autoComplete="username"
        size={size}
        required
        withAsterisk={false}
        autoFocus={!settled && over === null}
        readOnly={settled !== undefined}
        data-settled={settled !== undefined || undefined}
        value={email}
        onChange={(event) => setEmail(event.currentTarget.value)}
      />
      <PasswordInput
        ref={passwordInput}
        name="password"
        {...named('Password')}
        autoComplete="current-password"
        size={size}
        required
        withAsterisk={false}
        autoFocus={over !== null}
        data-autofocus={settled !== undefined || undefined}
        value={password}
        onChange={(event) => setPassword(event.currentTarget.value)}
        visibilityToggleButtonProps={{ 'aria-label': 'Show password', tabIndex: 0 }}
      />
      <div className={classes.buttons}>
        <Button type="submit" variant="filled" size={size} loading={login.isPending} aria-disabled={wait > 0}>
          Log in
        </Button>
        {actions}
      </div>
    </form>
  );
}
