import { Button, PasswordInput, TextInput } from '@mantine/core';
import { useRouter } from '@tanstack/react-router';
import { type FormEvent, useState } from 'react';
import type { Invited } from '@/shared/api/client';
import { useAcceptInvitation } from '@/shared/api/invitations';
import classes from './login.module.css';

const shortest = 8; // characters of a password

/** What somebody who is invited chooses: a name, and the password that they log in with. Then they are logged in. */
export function InvitationForm({ token, invited }: { token: string; invited: Invited }) {
  const router = useRouter();
  const accept = useAcceptInvitation();
  const [name, setName] = useState('');
  const [password, setPassword] = useState('');
  const [wrong, setWrong] = useState<string | null>(null);

  function submit(event: FormEvent): void {
    event.preventDefault();
    if (accept.isPending) return;
    if (password.length < shortest) {
      setWrong('This one is too short.');
      return;
    }
    accept.mutate({ token, name: name.trim(), password }, { onSuccess: () => router.history.replace('/') });
  }

  return (
    <form className={classes.form} method="post" noValidate onSubmit={submit}>
      <div role="alert" className={classes.problem}>
        {accept.error?.message}
      </div>
      <TextInput
        type="email"
        name="email"
        label="Email address"
        autoComplete="username"
        size="md"
        readOnly
        data-settled
        value={invited.email}
      />
      <TextInput
        name="name"
        label="Your name"
        autoComplete="name"
        size="md"
        dir="auto"
        autoFocus
        maxLength={200}
        placeholder={invited.name}
        value={name}
        onChange={(event) => setName(event.currentTarget.value)}
      />
      <PasswordInput
        name="password"
        label="Password"
        description={`At least ${shortest} characters.`}
        error={wrong}
        errorProps={{ role: 'alert' }}
        aria-invalid={wrong !== null || undefined} // Mantine leaves it out here
        autoComplete="new-password"
        size="md"
        required
        withAsterisk={false}
        maxLength={1024}
        value={password}
        onChange={(event) => {
          setPassword(event.currentTarget.value);
          setWrong(null);
        }}
        visibilityToggleButtonProps={{ 'aria-label': 'Show what is typed', tabIndex: 0 }}
      />
      <div className={classes.buttons}>
        <Button type="submit" variant="filled" size="md" loading={accept.isPending}>
          Join
        </Button>
      </div>
    </form>
  );
}
