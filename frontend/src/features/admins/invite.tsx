import { TextInput } from '@mantine/core';
import { useState } from 'react';
import { useInvite } from '@/shared/api/admins';
import { type Admin, ApiError, type Role } from '@/shared/api/client';
import type { Held } from '@/shared/ui/secret-dialog/secret-dialog';
import { SecretForm } from '@/shared/ui/secret-dialog/secret-form';
import { SecretShown } from '@/shared/ui/secret-dialog/secret-shown';
import { RoleField } from './role-field';
import { roles } from './words';

interface Props extends Held {
  tenant: string;
  tenantName: string;
  /** Who gets a new link; null where somebody new is invited. */
  again: Admin | null;
  onClose: () => void;
}

/** Invites somebody, and shows the link that lets them in. What it holds, the link too, goes when it goes. */
export function Invite({ tenant, tenantName, again, asked, onHeld, onClose }: Props) {
  const invite = useInvite(tenant);
  const [email, setEmail] = useState('');
  const [role, setRole] = useState<Role>('exporter');
  const [missing, setMissing] = useState(false);
  if (invite.data) {
    const { admin, link } = invite.data;
    return link === null ? (
      <SecretShown values={{}} warning={null} onDone={onClose}>
        <b>{admin.email} is in.</b> They have an account already: the next time that they log in, {tenantName} is there.
        Tell them; nothing was sent.
      </SecretShown>
    ) : (
      <SecretShown
        values={{ Link: link }}
        warning={asked ? 'Closing loses the link. Press Done once you have it; you can make a new one.' : null}
        onDone={onClose}
      >
        <b>Pass this link on to {admin.email}</b> and to nobody else: whoever opens it first chooses the password. It is
        good once, for seven days. Nothing was sent.
      </SecretShown>
    );
  }

  function send(): void {
    if (!again && !email.trim()) {
      setMissing(true);
      return;
    }
    onHeld(true);
    invite.mutate(again ? { again } : { email: email.trim(), role }, {
      onError: () => onHeld(false),
      onSuccess: ({ link }) => onHeld(link !== null),
    });
  }

  const form = { making: invite.isPending, onMake: send, onCancel: onClose };
  if (again) {
    return (
      <SecretForm make="Make a link" error={invite.error} {...form}>
        <p>
          Makes a new link with which <b>{again.email}</b> chooses a password. Links from before are good no more.
        </p>
      </SecretForm>
    );
  }
  // What is wrong with the address stands at its field, everything else beside the buttons.
  const refused = invite.error instanceof ApiError && invite.error.problem.field === 'email' ? invite.error : null;
  return (
    <SecretForm make="Invite" error={refused ? null : invite.error} {...form}>
      <TextInput
        data-autofocus
        type="email"
        label="Email address"
        autoComplete="off"
        maxLength={320}
        value={email}
        error={missing ? 'Whom do you invite?' : refused?.message}
        errorProps={{ role: 'alert' }}
        onChange={({ currentTarget }) => {
          setEmail(currentTarget.value);
          setMissing(false);
          if (refused) invite.reset();
        }}
      />
      <RoleField
        mt="md"
        label="Role"
        description={roles[role].may}
        inputWrapperOrder={['label', 'input', 'description', 'error']}
        role={role}
        onChange={setRole}
      />
    </SecretForm>
  );
}
