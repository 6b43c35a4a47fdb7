import { Button, Popover } from '@mantine/core';
import { Copy } from '@/shared/ui/copy';
import { EmptyState } from '@/shared/ui/states';
import classes from './no-users.module.css';

/** The empty state of a tenant without users. */
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
                Stop the server, then run this command in its directory, with a JSON file: one user per line, or a user
                export of Zephr.
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
      Import users from a file, or register them through the API.
    </EmptyState>
  );
}

/** The empty state of a store without users, in a tenant with users in other stores. */
export function NoUsersInStore({ store, onAll }: { store: string; onAll: () => void }) {
  return (
    <EmptyState title={`No users in ${store} yet`} actions={<Button onClick={onAll}>Show all user stores</Button>}>
      The tenant’s users are in other stores.
    </EmptyState>
  );
}
