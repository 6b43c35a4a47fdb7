import { Button, TextInput } from '@mantine/core';
import { type FormEvent, useState } from 'react';
import { ApiError } from '@/api/client';
import { useRequestReset } from '@/api/password-resets';
import { lazyPart } from '@/shared/lazy-part';
import { useWait, waitOf } from '@/shared/ui/use-wait';
import { focusResult } from './focus-result';
import { FormProblem } from './form-problem';
import classes from './login.module.css';
import { Split } from './split';

// The copy button needs code that the page does not load. Only a server without mail shows it.
const Copy = lazyPart(async () => (await import('@/shared/ui/copy')).Copy);

const command = 'egress admin reset EMAIL';

/** Requests a link that resets the password. Without a mail server it names the operator's command instead. */
export function ForgotPasswordPage() {
  const request = useRequestReset();
  const [email, setEmail] = useState('');
  const [wait, setWait] = useWait();
  const noMail = request.error instanceof ApiError && request.error.code === 'mail_not_configured';

  function submit(event: FormEvent): void {
    event.preventDefault();
    if (request.isPending || wait > 0) return;
    request.mutate(email, { onError: (error) => setWait(waitOf(error)) });
  }

  const foot = <a href="/login">Back to the log-in page</a>;
  if (request.isSuccess) {
    return (
      <Split title="Check your email" lead={`A link was requested for ${email.trim()}.`} foot={foot}>
        <p ref={focusResult} tabIndex={-1} className={classes.news}>
          If this address has an account, a link is on its way. It is valid for one hour.
        </p>
      </Split>
    );
  }
  if (noMail) {
    return (
      <Split title="Ask the operator" lead="This Egress sends no email, so it cannot send you a link." foot={foot}>
        <p ref={focusResult} tabIndex={-1} className={classes.news}>
          Ask the operator of Egress to run this command with your address. It prints a new password.
        </p>
        <div className={classes.command}>
          <code>{command}</code>
          <Copy value={command} label="Copy the command" />
        </div>
      </Split>
    );
  }
  return (
    <Split
      title="Forgot your password?"
      lead="Enter the email address of your account, and Egress sends you a link to choose a new one."
      foot={foot}
    >
      <form className={classes.form} method="post" onSubmit={submit}>
        <FormProblem error={request.error} wait={wait} />
        <TextInput
          type="email"
          name="email"
          label="Email address"
          autoComplete="username"
          size="md"
          required
          withAsterisk={false}
          autoFocus
          maxLength={320}
          value={email}
          onChange={(event) => setEmail(event.currentTarget.value)}
        />
        <div className={classes.buttons}>
          <Button
            type="submit"
            variant="filled"
            size="md"
            loading={request.isPending}
            aria-disabled={wait > 0 || undefined}
          >
            Send a link
          </Button>
        </div>
      </form>
    </Split>
  );
}
