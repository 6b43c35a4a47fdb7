import { Button, TextInput } from '@mantine/core';
import { type FormEvent, useState } from 'react';
import { useRename } from '@/api/account';
import type { OwnAccount } from '@/api/client';
import { useReach } from '@/api/reach';
import classes from './account.module.css';
import { Section } from './section';

/** The name that other members see, and the address that logs in. */
export function ProfileSection({ account }: { account: OwnAccount }) {
  const rename = useRename();
  const { offline } = useReach();
  const [name, setName] = useState<string | null>(null); // null while it is unchanged
  const now = (name ?? account.name).trim();
  const changed = now !== account.name;

  function submit(event: FormEvent): void {
    event.preventDefault();
    if (!changed || offline || rename.isPending) return;
    rename.mutate(now, { onSuccess: () => setName(null) });
  }

  return (
    <Section title="Profile">
      <form className={classes.form} noValidate onSubmit={submit}>
        <TextInput
          label="Name"
          description="Other members see it in the activity and at your exports."
          autoComplete="name"
          dir="auto"
          maxLength={200}
          value={name ?? account.name}
          error={rename.error?.message}
          errorProps={{ role: 'alert' }}
          onChange={({ currentTarget }) => {
            rename.reset();
            setName(currentTarget.value);
          }}
        />
        <TextInput
          type="email"
          label="Email address"
          description="You log in with it. It cannot be changed."
          autoComplete="username"
          readOnly
          data-settled
          value={account.email}
        />
        <div className={classes.buttons}>
          <Button
            type="submit"
            aria-busy={rename.isPending || undefined}
            aria-disabled={!changed || offline || undefined}
          >
            Save
          </Button>
          {rename.isSuccess && !changed && (
            <span role="status" className={classes.done}>
              Saved
            </span>
          )}
        </div>
      </form>
    </Section>
  );
}
