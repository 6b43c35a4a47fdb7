import { Button } from '@mantine/core';
import { IconPlus } from '@tabler/icons-react';
import { getRouteApi } from '@tanstack/react-router';
import { useState } from 'react';
import type { Admin } from '@/shared/api/client';
import { tenantName, useMe, useRole } from '@/shared/api/me';
import { Page } from '@/shared/ui/page';
import { SecretDialog } from '@/shared/ui/secret-dialog/secret-dialog';
import { useDialog } from '@/shared/ui/secret-dialog/use-dialog';
import { EmptyState } from '@/shared/ui/states';
import { AdminList } from './admin-list';
import { Invite } from './invite';

const route = getRouteApi('/t/$tenant/admins');

/** Who may do what in the tenant: for owners, who invite, change and remove. */
export function AdminsPage() {
  const { tenant } = route.useParams();
  const name = tenantName(useMe().data, tenant);
  const role = useRole(tenant);
  const { opened, open, close, button, offline } = useDialog();
  const [again, setAgain] = useState<Admin | null>(null); // who gets a new link
  const begin = (whom: Admin | null) => {
    setAgain(whom);
    open();
  };
  if (role !== 'owner') {
    return (
      <Page title="Admins">
        <EmptyState picture="barred" title="Owners look after the admins">
          Ask an owner of {name} if somebody is to come, to go, or to have another role.
        </EmptyState>
      </Page>
    );
  }
  return (
    <Page
      title="Admins"
      actions={
        <Button
          ref={button}
          variant="filled"
          leftSection={<IconPlus size={16} stroke={1.75} />}
          aria-disabled={offline || undefined}
          onClick={() => begin(null)}
        >
          Invite an admin
        </Button>
      }
    >
      <AdminList tenant={tenant} onInvite={begin} />
      <SecretDialog title={again ? 'New link' : 'Invite an admin'} opened={opened} onClose={close}>
        {(held) => <Invite tenant={tenant} tenantName={name} again={again} onClose={close} {...held} />}
      </SecretDialog>
    </Page>
  );
}
