import { Button, Checkbox } from '@mantine/core';
import { type FormEvent, useState } from 'react';
import type { ResetCheck } from '@/api/client';
import type { useResetPassword } from '@/api/password-resets';
import { NewPasswordField } from '@/shared/passwords/new-password-field';
import { counted } from '@/shared/ui/format';
import { useWait, waitOf } from '@/shared/ui/use-wait';
import { FormProblem } from './form-problem';
import classes from './login.module.css';
import { useNewPassword } from './use-new-password';

interface Props {
  token: string;
  check: ResetCheck;
  reset: ReturnType<typeof useResetPassword>;
}

/** Asks for a new password. The key pairs of the account are revoked unless the admin keeps them. */
export function ResetForm({ token, check: { email, tenants, keyPairs }, reset }: Props) {
  const password = useNewPassword([email, ...tenants], reset);
  const [keep, setKeep] = useState(false);
  const [wait, setWait] = useWait();

  async function submit(event: FormEvent): Promise<void> {
    event.preventDefault();
    if (reset.isPending || wait > 0 || !(await password.accepted())) return;
    reset.mutate(
      { token, password: password.value, keepKeyPairs: keep },
      { onError: (error) => setWait(waitOf(error)) },
    );
  }

  return (
    <form className={classes.form} method="post" noValidate onSubmit={submit}>
      <FormProblem error={password.refused ? null : reset.error} wait={wait} />
      {/* Password managers store the new password for this account. */}
      <input type="hidden" name="username" autoComplete="username" value={email} />
      <NewPasswordField label="New password" size="md" autoFocus {...password.field} />
      {keyPairs > 0 && (
        <Checkbox
          label={`Keep my ${counted(keyPairs, 'API key')}`}
          description="Otherwise they are revoked, and programs that use them stop working."
          classNames={{ label: classes.choice ?? '', description: classes.hint ?? '' }}
          checked={keep}
          onChange={(event) => setKeep(event.currentTarget.checked)}
        />
      )}
      <div className={classes.buttons}>
        <Button
          type="submit"
          variant="filled"
          size="md"
          loading={reset.isPending}
          aria-disabled={wait > 0 || undefined}
        >
          Change password
        </Button>
      </div>
    </form>
  );
}
