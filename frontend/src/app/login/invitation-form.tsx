import { Button, TextInput } from '@mantine/core';
import { type FormEvent, useState } from 'react';
import type { Invited } from '@/api/client';
import { useAcceptInvitation } from '@/api/invitations';
import { openPage } from '@/shared/open-page';
import { NewPasswordField } from '@/shared/passwords/new-password-field';
import { useWait, waitOf } from '@/shared/ui/use-wait';
import { FormProblem } from './form-problem';
import classes from './login.module.css';
import { useNewPassword } from './use-new-password';

/** Accepts an invitation with a name and a new password. This also logs in. */
export function InvitationForm({ token, invited }: { token: string; invited: Invited }) {
  const accept = useAcceptInvitation();
  const [name, setName] = useState('');
  const password = useNewPassword([invited.email, invited.name, name, invited.tenant], accept);
  const [wait, setWait] = useWait();

  async function submit(event: FormEvent): Promise<void> {
    event.preventDefault();
    if (accept.isPending || wait > 0 || !(await password.accepted())) return;
    accept.mutate(
      { token, name: name.trim(), password: password.value },
      { onSuccess: () => openPage('/', { replace: true }), onError: (error) => setWait(waitOf(error)) },
    );
  }

  return (
    <form className={classes.form} method="post" noValidate onSubmit={submit}>
      <FormProblem error={password.refused ? null : accept.error} wait={wait} />
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
      <NewPasswordField size="md" {...password.field} />
      <div className={classes.buttons}>
        <Button
          type="submit"
          variant="filled"
          size="md"
          loading={accept.isPending}
          aria-disabled={wait > 0 || undefined}
        >
          Join {invited.tenant}
        </Button>
      </div>
    </form>
  );
}
