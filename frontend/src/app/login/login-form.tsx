import { Button, PasswordInput, TextInput } from '@mantine/core';
import { type FormEvent, type ReactNode, useEffect, useRef, useState } from 'react';
import { ApiError } from '@/shared/api/client';
import { useLogin } from '@/shared/api/me';
import { duration } from '@/shared/ui/format';
import classes from './login.module.css';

interface Props {
  /** Who logs in, where that is settled; otherwise it is asked. */
  email?: string;
  size: 'sm' | 'md';
  onDone: () => void;
  /** Buttons beside "Log in". */
  actions?: ReactNode;
}

/** E-mail address and password. A refusal stands above them, and the password is ready to be typed again. */
export function LoginForm({ email: settled, size, onDone, actions }: Props) {
  const login = useLogin();
  const [email, setEmail] = useState(settled ?? '');
  const [password, setPassword] = useState('');
  const passwordInput = useRef<HTMLInputElement>(null);
  const [wait, setWait] = useWait();

  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (wait > 0 || login.isPending) return;
    login.mutate(
      { email, password },
      {
        onSuccess: onDone,
        onError: (error) => {
          setPassword('');
          passwordInput.current?.focus();
          setWait(error instanceof ApiError && error.status === 429 ? (error.problem.retryAfterSeconds ?? 60) : 0);
        },
      },
    );
  };
  // Over a page there is little room: there a field's name is its placeholder, and is still read out.
  const named = (name: string) => (settled === undefined ? { label: name } : { 'aria-label': name, placeholder: name });
  return (
    <form data-tight={settled !== undefined || undefined} className={classes.form} method="post" onSubmit={submit}>
      <div role="alert" className={classes.problem}>
        {login.error?.message}
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
        autoFocus={!settled}
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
        data-autofocus={settled !== undefined || undefined}
        value={password}
        onChange={(event) => setPassword(event.currentTarget.value)}
        visibilityToggleButtonProps={{ 'aria-label': 'Show what is typed', tabIndex: 0 }}
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

// Seconds that are left to wait, counting down.
function useWait(): [number, (seconds: number) => void] {
  const [left, setLeft] = useState(0);
  useEffect(() => {
    if (left <= 0) return;
    const timer = setTimeout(() => setLeft(left - 1), 1_000);
    return () => clearTimeout(timer);
  }, [left]);
  return [left, setLeft];
}
