import { TextInput } from '@mantine/core';
import { useState } from 'react';
import { ApiError, type Invitation, type PendingInvitation, type Role } from '@/api/client';
import { useHasOutbox } from '@/api/me';
import { useInvite } from '@/api/members';
import type { Held } from '@/shared/ui/secret-dialog/held';
import { SecretForm } from '@/shared/ui/secret-dialog/secret-form';
import { SecretShown } from '@/shared/ui/secret-dialog/secret-shown';
import { RoleField } from './role-field';
import { roles } from './roles';

interface Props extends Held {
  tenant: string;
  /** The invitation to renew; null for a new invitation. */
  again: PendingInvitation | null;
  onClose: () => void;
}

/** Invites an address, or creates a new link for an invitation. Its state, with the link, is dropped when it unmounts. */
export function Invite({ tenant, again, asked, onHeld, onClose }: Props) {
  const invite = useInvite(tenant);
  const hasOutbox = useHasOutbox();
  const [email, setEmail] = useState('');
  const [role, setRole] = useState<Role>('exporter');
  const [missing, setMissing] = useState(false);
  if (invite.data) return <Invited {...invite.data} asked={asked} onClose={onClose} />;

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
      <SecretForm make={hasOutbox ? 'Create link' : 'Send again'} error={invite.error} {...form}>
        <p>
          <b>{again.email}</b> gets a new link, valid once and for seven days. The old link stops working.
        </p>
      </SecretForm>
    );
  }
  // An error of the address is shown at its field, any other error next to the buttons.
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
        error={missing ? 'Enter the email address of the person to invite.' : refused?.message}
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

// The same text for every address: it must not reveal whether the address has an account.
function Invited({ invitation, link, mailed, asked, onClose }: Invitation & { asked: boolean; onClose: () => void }) {
  const { email } = invitation;
  if (link !== null) {
    return (
      <SecretShown
        values={{ Link: link }}
        warning={
          asked ? 'The link is not shown again. Copy it, then select Done; you can create a new one later.' : null
        }
        onDone={onClose}
      >
        <b>Give this link to {email} and to nobody else.</b> It is valid once, for seven days, and is not shown again.
        No email was sent.
      </SecretShown>
    );
  }
  return (
    <SecretShown values={{}} warning={null} onDone={onClose}>
      {mailed ? (
        <>
          <b>An invitation was sent to {email}.</b> Its link is valid once, for seven days.
        </>
      ) : (
        <>
          <b>No email was sent to {email}.</b> The invitation is listed; send it again later.
        </>
      )}
    </SecretShown>
  );
}
