import { Button, PasswordInput } from '@mantine/core';
import { IconCircleCheck } from '@tabler/icons-react';
import { type FormEvent, useRef, useState } from 'react';
import { useChangePassword } from '@/api/account';
import { ApiError, type OwnAccount } from '@/api/client';
import { useMe } from '@/api/me';
import { useReach } from '@/api/reach';
import { NewPasswordField } from '@/shared/passwords/new-password-field';
import { refusalOf } from '@/shared/passwords/verdict';
import { duration } from '@/shared/ui/format';
import { Time } from '@/shared/ui/time';
import { useWait, waitOf } from '@/shared/ui/use-wait';
import classes from './account.module.css';
import { KeyPairsChoice } from './key-pairs-choice';
import { Problem, Section } from './section';

/** Changes the password. It requires the current one. */
export function PasswordSection({ account }: { account: OwnAccount }) {
  const change = useChangePassword();
  const { offline } = useReach();
  const tenants = useMe().data?.tenants ?? [];
  const about = [account.email, account.name, ...tenants.map(({ name }) => name)];
  const [current, setCurrent] = useState('');
  const [next, setNext] = useState('');
  const [revoke, setRevoke] = useState(false);
  const [missing, setMissing] = useState(false);
  const [refused, setRefused] = useState<string | null>(null); // why the new password is refused
  const [checking, setChecking] = useState(false);
  const [wait, setWait] = useWait();
  const currentInput = useRef<HTMLInputElement>(null);
  const newInput = useRef<HTMLInputElement>(null);

  async function submit(event: FormEvent): Promise<void> {
    event.preventDefault();
    if (offline || wait > 0 || checking || change.isPending) return;
    setChecking(true); // the list of common passwords may still be loading
    const why = await refusalOf(next, about);
    setChecking(false);
    setMissing(!current);
    setRefused(why);
    if (!current || why) {
      (current ? newInput : currentInput).current?.focus();
      return;
    }
    change.mutate(
      { currentPassword: current, newPassword: next, revokeKeyPairs: revoke },
      {
        onSuccess: () => {
          setCurrent('');
          setNext('');
          setRevoke(false);
        },
        onError: (error) => {
          setWait(waitOf(error));
          const field = fieldOf(error);
          if (field === 'currentPassword') setCurrent('');
          (field === 'newPassword' ? newInput : currentInput).current?.focus();
        },
      },
    );
  }

  const field = fieldOf(change.error);
  const inCurrent = missing ? 'Type your current password.' : field === 'currentPassword' && change.error?.message;
  return (
    <Section
      title="Password"
      about={
        <>
          Changed <Time value={account.passwordChanged} as="day" />. A change ends every session of your account; only
          this browser stays logged in.
        </>
      }
    >
      <form className={classes.form} method="post" noValidate onSubmit={(event) => void submit(event)}>
        <input type="hidden" name="username" autoComplete="username" value={account.email} />
        <PasswordInput
          ref={currentInput}
          name="current-password"
          label="Current password"
          autoComplete="current-password"
          maxLength={1024}
          error={inCurrent}
          errorProps={{ role: 'alert' }}
          aria-invalid={Boolean(inCurrent) || undefined} // Mantine does not set it here
          value={current}
          onChange={({ currentTarget }) => {
            setMissing(false);
            setCurrent(currentTarget.value);
          }}
          visibilityToggleButtonProps={{ 'aria-label': 'Show password', tabIndex: 0 }}
        />
        <NewPasswordField
          ref={newInput}
          name="new-password"
          label="New password"
          about={about}
          error={refused ?? (field === 'newPassword' ? change.error?.message : null)}
          value={next}
          onChange={(password) => {
            setRefused(null);
            if (field === 'newPassword') change.reset();
            setNext(password);
          }}
        />
        <KeyPairsChoice keyPairs={account.keyPairs} checked={revoke} onChange={setRevoke} />
        {!field && <Problem error={change.error} />}
        {wait > 0 && <p className={classes.problem}>Try again in {duration(wait)}.</p>}
        <div className={classes.buttons}>
          <Button
            type="submit"
            aria-busy={change.isPending || undefined}
            aria-disabled={offline || wait > 0 || undefined}
          >
            Change password
          </Button>
          <span role="status" className={classes.done}>
            {change.isSuccess && (
              <>
                <IconCircleCheck size={16} stroke={1.75} aria-hidden /> Password changed. Your other sessions have
                ended.
              </>
            )}
          </span>
        </div>
      </form>
    </Section>
  );
}

function fieldOf(error: Error | null): string | undefined {
  return error instanceof ApiError ? error.problem.field : undefined;
}
