import { Button } from '@mantine/core';
import { IconPlus } from '@tabler/icons-react';
import { getRouteApi } from '@tanstack/react-router';
import { useState } from 'react';
import type { Admin, PendingInvitation } from '@/api/client';
import { tenantName, useHasOutbox, useMe, useRole } from '@/api/me';
import { lazyDialog } from '@/shared/ui/lazy-dialog';
import { Page } from '@/shared/ui/page';
import { SecretDialog } from '@/shared/ui/secret-dialog/secret-dialog';
import { useDialog } from '@/shared/ui/secret-dialog/use-dialog';
import { EmptyState } from '@/shared/ui/states';
import { Wanted } from '@/shared/ui/wanted';
import { InvitationList } from './invitation-list';
import { Invite } from './invite';
import { MemberList } from './member-list';
import classes from './members-page.module.css';

// Most visits do not look at them.
const MemberSessions = lazyDialog(
  async () => (await import('./member-sessions')).MemberSessions,
  'The list of sessions',
);

export { loadMembers } from './load-members';

const route = getRouteApi('/t/$tenant/members');

/** The members and their roles. Owners invite, change and remove them here. */
export function MembersPage() {
  const { tenant } = route.useParams();
  const name = tenantName(useMe().data, tenant);
  const role = useRole(tenant);
  const hasOutbox = useHasOutbox();
  const { opened, open, close, button, offline } = useDialog();
  const [again, setAgain] = useState<PendingInvitation | null>(null); // the invitation that gets a new link
  const [sessionsOf, setSessionsOf] = useState<Admin | null>(null); // the member whose sessions are shown
  const begin = (invitation: PendingInvitation | null) => {
    setAgain(invitation);
    open();
  };
  if (role !== 'owner') {
    return (
      <Page title="Members">
        <EmptyState picture="barred" title="Owners manage the members">
          Ask an owner of {name} to invite or remove somebody, or to change a role.
        </EmptyState>
      </Page>
    );
  }
  return (
    <Page
      title="Members"
      actions={
        <Button
          ref={button}
          variant="filled"
          leftSection={<IconPlus size={16} stroke={1.75} />}
          aria-disabled={offline || undefined}
          onClick={() => begin(null)}
        >
          Invite a member
        </Button>
      }
    >
      <div className={classes.members}>
        <MemberList tenant={tenant} onSessions={setSessionsOf} />
      </div>
      <InvitationList tenant={tenant} onAgain={begin} />
      <SecretDialog
        title={!again ? 'Invite a member' : hasOutbox ? 'New link' : 'Send again'}
        opened={opened}
        onClose={close}
      >
        {(held) => <Invite tenant={tenant} again={again} onClose={close} {...held} />}
      </SecretDialog>
      <Wanted now={sessionsOf !== null}>
        <MemberSessions tenant={tenant} member={sessionsOf} onClose={() => setSessionsOf(null)} />
      </Wanted>
    </Page>
  );
}
