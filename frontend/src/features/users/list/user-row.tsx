import { IconChevronRight } from '@tabler/icons-react';
import { Link } from '@tanstack/react-router';
import type { MouseEvent, ReactNode } from 'react';
import type { User, UserSchema, UserStore } from '@/api/client';
import { own } from '@/shared/own';
import { clipped } from '@/shared/ui/format';
import { Time } from '@/shared/ui/time';
import { Value } from '@/shared/ui/value';
import { type Columns, leadOf, nameOf, textOf } from '../user/columns';
import { SubscriptionMark } from '../user/subscription-mark';
import { summary } from '../user/subscriptions';
import { withUser } from '../view/view';
import classes from './users-table.module.css';

interface Props {
  tenant: string;
  user: User;
  columns: Columns;
  stores: readonly UserStore[];
  products: UserSchema['products'];
  opened: string | null;
  onOpen: (userId: string) => void;
}

/**
 * One user of the list. The address is a link, for keyboards and screen readers; a click anywhere in the row opens it
 * too. Rows and cells are plain elements: a page has hundreds of them, and each of the Table component's costs more.
 */
export function UserRow({ tenant, user, columns, stores, products, opened, onOpen }: Props) {
  const { user_id: id, identifiers, email_verified, user_store_id, registered, last_login } = user;
  const open = ({ target }: MouseEvent) => {
    const inside = target instanceof Element && target.closest('a') !== null;
    // A click that selects text does not open the user.
    if (!inside && !window.getSelection()?.toString()) onOpen(id);
  };
  return (
    // biome-ignore lint/a11y/noRedundantRoles: the styles of narrow screens take the display of a table, and with it the implied roles
    <tr role="row" className={classes.row ?? ''} data-user={id} data-opened={opened === id || undefined} onClick={open}>
      <Cell column="lead" of={id}>
        {() => (
          <span className={classes.lead}>
            <Link
              to="/t/$tenant/users"
              params={{ tenant }}
              search={(before) => withUser(before, id)}
              resetScroll={false}
              preload={false}
              title={clipped(leadOf(user))}
            >
              <bdi>{clipped(leadOf(user))}</bdi>
            </Link>
            {identifiers.email_address && !email_verified && <small>unverified</small>}
            <IconChevronRight size={16} stroke={1.75} className={classes.chevron} aria-hidden />
          </span>
        )}
      </Cell>
      {columns.name.length > 0 && (
        <Cell column="name" of={user.attributes}>
          {() => <Text text={nameOf(user, columns)} className={classes.name} />}
        </Cell>
      )}
      {columns.choice && (
        <Cell column="choice" of={user.attributes}>
          {() => <Text text={textOf(columns.choice && own(user.attributes, columns.choice.slug))} />}
        </Cell>
      )}
      <Cell column="store" of={user_store_id}>
        {() => <Text text={stores.find((store) => store.id === user_store_id)?.title ?? user_store_id} />}
      </Cell>
      <Cell column="subscriptions" of={user.grants}>
        {() => <SubscriptionMark summary={summary(user.grants, products)} />}
      </Cell>
      <Cell column="registered" of={registered}>
        {() => (registered ? <Time value={registered} as="day" /> : <Unknown />)}
      </Cell>
      <Cell column="login" of={last_login}>
        {() => (
          <>
            <span className={classes.phone}>last login </span>
            {last_login ? <Time value={last_login} as="day" /> : <Unknown />}
          </>
        )}
      </Cell>
    </tr>
  );
}

interface CellProps {
  column: string;
  /** The value that the cell shows as text if `children` throws. */
  of: unknown;
  children: () => ReactNode;
}

function Cell({ column, of, children }: CellProps) {
  return (
    // biome-ignore lint/a11y/noRedundantRoles: as for the row
    <td role="cell" data-column={column}>
      <Value of={of}>{children}</Value>
    </td>
  );
}

function Text({ text, className }: { text: string; className?: string | undefined }) {
  if (!text) return <Unknown />;
  return (
    <bdi dir="auto" className={className} title={clipped(text)}>
      {clipped(text)}
    </bdi>
  );
}

function Unknown() {
  return <span className={classes.unknown}>unknown</span>;
}
