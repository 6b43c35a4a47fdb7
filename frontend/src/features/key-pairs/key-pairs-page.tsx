import { Button } from '@mantine/core';
import { IconPlus } from '@tabler/icons-react';
import { getRouteApi } from '@tanstack/react-router';
import { useMe, useRole } from '@/shared/api/me';
import { Page } from '@/shared/ui/page';
import { SecretDialog } from '@/shared/ui/secret-dialog/secret-dialog';
import { useDialog } from '@/shared/ui/secret-dialog/use-dialog';
import { KeyList } from './key-list';
import { NewKey } from './new-key';

const route = getRouteApi('/t/$tenant/key-pairs');

/** What programs sign their requests with: whose, what for, and when it was used last. */
export function KeyPairsPage() {
  const { tenant } = route.useParams();
  const me = useMe().data;
  const mayMake = useRole(tenant) !== 'viewer';
  const { opened, open, close, button, offline } = useDialog();
  return (
    <Page
      title="Key pairs"
      actions={
        mayMake && (
          <Button
            ref={button}
            variant="filled"
            leftSection={<IconPlus size={16} stroke={1.75} />}
            aria-disabled={offline || undefined}
            onClick={open}
          >
            New key pair
          </Button>
        )
      }
    >
      <KeyList tenant={tenant} onNew={open} />
      {me && (
        <SecretDialog title="New key pair" opened={opened} onClose={close}>
          {(held) => <NewKey tenant={tenant} userId={me.user_id} onClose={close} {...held} />}
        </SecretDialog>
      )}
    </Page>
  );
}
