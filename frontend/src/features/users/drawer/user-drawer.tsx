import { ActionIcon, Drawer, Skeleton } from '@mantine/core';
import { IconChevronDown, IconChevronUp, IconCircleCheck, IconCircleDashed, IconX } from '@tabler/icons-react';
import { useState } from 'react';
import type { User, UserSchema, UserStore } from '@/api/client';
import { isNotFound } from '@/api/client';
import { useExactUser } from '@/api/user';
import { Copy } from '@/shared/ui/copy';
import { clipped } from '@/shared/ui/format';
import { Hint } from '@/shared/ui/hint';
import { ErrorState } from '@/shared/ui/states';
import { chooseColumns, leadOf, nameOf } from '../user/columns';
import classes from './user-drawer.module.css';
import { UserFacts } from './user-facts';

interface Props {
  tenant: string;
  /** The user to show; null closes the drawer. The content stays during the closing transition. */
  userId: string | null;
  /** The user from the list, shown until the details are loaded. */
  listed: User | undefined;
  schema: UserSchema | undefined;
  stores: readonly UserStore[];
  /** Opens the previous or next user of the list; null at its ends. */
  onBefore: (() => void) | null;
  onAfter: (() => void) | null;
  onClose: () => void;
}

/** A drawer with one user: identity, subscriptions, and all stored data. */
export function UserDrawer({ userId, onClose, ...rest }: Props) {
  const [shown, setShown] = useState(userId);
  if (userId !== null && userId !== shown) setShown(userId);
  return (
    <Drawer.Root
      opened={userId !== null}
      onClose={onClose}
      returnFocus={false}
      onExitTransitionEnd={() => focusRow(shown)}
      size={640}
      position="right"
      classNames={{ content: classes.drawer ?? '', body: classes.body ?? '' }}
    >
      <Drawer.Overlay color="var(--overlay)" backgroundOpacity={1} />
      <Drawer.Content>{shown !== null && <Content userId={shown} {...rest} />}</Drawer.Content>
    </Drawer.Root>
  );
}

// Focuses the row of the last shown user: the row that opened the drawer may be on another page.
function focusRow(userId: string | null) {
  const rows = document.querySelectorAll<HTMLElement>('[data-user]');
  const row = [...rows].find(({ dataset }) => dataset.user === userId);
  const to = row?.querySelector('a') ?? document.querySelector<HTMLElement>('[data-page-title]');
  to?.focus({ preventScroll: row === undefined });
}

type ContentProps = Omit<Props, 'userId' | 'onClose'> & { userId: string };

function Content({ tenant, userId, listed, schema, stores, onBefore, onAfter }: ContentProps) {
  const { data, error, isFetching, refetch } = useExactUser(tenant, userId);
  const user = data?.user ?? listed;
  return (
    <>
      <div className={classes.head}>
        <div className={classes.who}>
          <Drawer.Title className={classes.title ?? ''} tabIndex={-1} data-autofocus>
            {clipped(user ? leadOf(user) : userId)}
          </Drawer.Title>
          {user ? <Who user={user} schema={schema} /> : <Skeleton height={12} width={240} my={4} />}
        </div>
        <Step label="Previous user" go={onBefore} />
        <Step label="Next user" go={onAfter} />
        <Drawer.CloseButton
          aria-label="Close"
          icon={<IconX size={18} stroke={1.75} />}
          className={classes.close ?? ''}
        />
      </div>
      <Drawer.Body>
        {error && !data ? (
          <ErrorState
            title="The user could not be loaded"
            error={error}
            retrying={isFetching}
            {...(!isNotFound(error) && { onRetry: () => void refetch() })}
          />
        ) : user && schema ? (
          <UserFacts user={user} exact={data} schema={schema} stores={stores} />
        ) : (
          <Waiting />
        )}
      </Drawer.Body>
    </>
  );
}

function Who({ user, schema }: { user: User; schema: UserSchema | undefined }) {
  const name = nameOf(user, chooseColumns(schema));
  const Icon = user.email_verified ? IconCircleCheck : IconCircleDashed;
  return (
    <ul className={classes.line}>
      {name && <li dir="auto">{clipped(name)}</li>}
      {user.identifiers.email_address && (
        <li data-verified={user.email_verified}>
          <Icon size={15} stroke={1.75} aria-hidden />
          {user.email_verified ? 'Email verified' : 'Email unverified'}
        </li>
      )}
      <li>
        <code>{clipped(user.user_id)}</code>
        <Copy value={user.user_id} label="Copy the user ID" />
      </li>
    </ul>
  );
}

function Step({ label, go }: { label: 'Previous user' | 'Next user'; go: (() => void) | null }) {
  const Icon = label === 'Previous user' ? IconChevronUp : IconChevronDown;
  return (
    <Hint label={label}>
      <ActionIcon
        size="md"
        className={classes.step ?? ''}
        aria-label={label}
        aria-disabled={!go}
        onClick={() => go?.()}
      >
        <Icon size={17} stroke={1.75} />
      </ActionIcon>
    </Hint>
  );
}

function Waiting() {
  return (
    <div className={classes.waiting} role="status" aria-label="Loading">
      {[36, 20, 44, 44, 20, 24, 24, 24, 24].map((height, i) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: the rows are of one kind
        <Skeleton key={i} height={height} />
      ))}
    </div>
  );
}
