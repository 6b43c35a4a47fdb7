import { Button } from '@mantine/core';
import { IconPlus } from '@tabler/icons-react';
import { getRouteApi } from '@tanstack/react-router';
import { tenantName, useMe, useRole } from '@/api/me';
import { Page } from '@/shared/ui/page';
import { SecretDialog } from '@/shared/ui/secret-dialog/secret-dialog';
import { useDialog } from '@/shared/ui/secret-dialog/use-dialog';
import { EmptyState } from '@/shared/ui/states';
import { KeyList } from './key-list';
import { NewKey } from './new-key';

export { loadKeyPairs } from './load-key-pairs';

const route = getRouteApi('/t/$tenant/key-pairs');

/** The key pairs with which programs sign their requests: owner, note and last use. */
export function KeyPairsPage() {
  const { tenant } = route.useParams();
  const me = useMe().data;
  const viewer = useRole(tenant) === 'viewer';
  const { opened, open, close, button, offline } = useDialog();
  if (viewer) {
    return (
      <Page title="API keys">
        <EmptyState picture="barred" title="Exporters and owners have API keys">
          Ask an owner of {tenantName(me, tenant)} for the role exporter.
        </EmptyState>
      </Page>
    );
  }
  return (
    <Page
      title="API keys"
      actions={
        <Button
          ref={button}
          variant="filled"
          leftSection={<IconPlus size={16} stroke={1.75} />}
          aria-disabled={offline || undefined}
          onClick={open}
        >
          New API key
        </Button>
      }
    >
      <KeyList tenant={tenant} onNew={open} />
      {me && (
        <SecretDialog title="New API key" opened={opened} onClose={close}>
          {(held) => <NewKey tenant={tenant} userId={me.user_id} onClose={close} {...held} />}
        </SecretDialog>
      )}
    </Page>
  );
}
