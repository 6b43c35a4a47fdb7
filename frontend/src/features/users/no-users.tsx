import { Button, Popover } from '@mantine/core';
import { Copy } from '@/shared/ui/copy';
import { EmptyState } from '@/shared/ui/states';
import classes from './no-users.module.css';

/** A tenant before its first user. */
export function NoUsers({ tenant }: { tenant: string }) {
  const command = `egress import users.json --tenant ${tenant}`;
  return (
    <EmptyState
      title="No users yet"
      actions={
        <Popover position="bottom" withArrow={false} trapFocus returnFocus width="min(460px, calc(100vw - 32px))">
          <Popover.Target>
            <Button>How to import users</Button>
          </Popover.Target>
          <Popover.Dropdown aria-label="How to import users">
            <div className={classes.how}>
              <p>
                Stop the server and run this beside it, with a file of JSON: one user per line, or Zephr’s user export.
              </p>
              <div className={classes.command}>
                <code>{command}</code>
                <Copy value={command} label="Copy the command" />
              </div>
              <p>
                Or register them one by one through the <a href="/docs/api/">API</a>.
              </p>
            </div>
          </Popover.Dropdown>
        </Popover>
      }
    >
      Bring them in from a file, or let your site register the first one through the API.
    </EmptyState>
  );
}

/** A store without users, in a tenant that has some elsewhere. */
export function NoUsersInStore({ store, onAll }: { store: string; onAll: () => void }) {
  return (
    <EmptyState title={`No users in ${store} yet`} actions={<Button onClick={onAll}>Show all user stores</Button>}>
      The tenant’s users are in other stores.
    </EmptyState>
  );
}
