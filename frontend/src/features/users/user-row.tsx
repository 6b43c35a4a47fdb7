import { Table } from '@mantine/core';
import { IconChevronRight } from '@tabler/icons-react';
import { Link } from '@tanstack/react-router';
import type { MouseEvent } from 'react';
import type { User, UserSchema, UserStore } from '@/shared/api/client';
import { Time } from '@/shared/ui/time';
import { type Columns, leadOf, nameOf, textOf } from './columns';
import { SubscriptionMark } from './subscription-mark';
import { summary } from './subscriptions';
import classes from './users-table.module.css';
import { opening } from './view';

interface Props {
  tenant: string;
  user: User;
  columns: Columns;
  stores: readonly UserStore[];
  products: UserSchema['products'];
  opened: string | null;
  onOpen: (userId: string) => void;
}

/** One user of the list. The address is a link for keys and readers; a click anywhere in the row does the same. */
export function UserRow({ tenant, user, columns, stores, products, opened, onOpen }: Props) {
  const { user_id: id, identifiers, email_verified, user_store_id, registered, last_login } = user;
  const name = nameOf(user, columns);
  const open = ({ target }: MouseEvent) => {
    const inside = target instanceof Element && target.closest('a') !== null;
    // Who marks text wants to copy it.
    if (!inside && !window.getSelection()?.toString()) onOpen(id);
  };
  return (
    <Table.Tr
      role="row"
      className={classes.row ?? ''}
      data-user={id}
      data-opened={opened === id || undefined}
      onClick={open}
    >
      <Table.Td role="cell" data-column="lead">
        <span className={classes.lead}>
          <Link
            to="/t/$tenant/users"
            params={{ tenant }}
            search={(before) => opening(before, id)}
            resetScroll={false}
            preload={false}
            title={leadOf(user)}
          >
            {leadOf(user)}
          </Link>
          {identifiers.email_address && !email_verified && <small>unverified</small>}
          <IconChevronRight size={16} stroke={1.75} className={classes.chevron} aria-hidden />
        </span>
      </Table.Td>
      {columns.name.length > 0 && (
        <Table.Td role="cell" data-column="name" title={name || undefined}>
          {name ? (
            <bdi dir="auto" className={classes.name}>
              {name}
            </bdi>
          ) : (
            <Unknown />
          )}
        </Table.Td>
      )}
      {columns.choice && (
        <Table.Td role="cell" data-column="choice">
          {textOf(user.attributes[columns.choice.slug]) || <Unknown />}
        </Table.Td>
      )}
      <Table.Td role="cell" data-column="store">
        {stores.find((store) => store.id === user_store_id)?.title ?? user_store_id}
      </Table.Td>
      <Table.Td role="cell" data-column="subscriptions">
        <SubscriptionMark summary={summary(user.grants, products)} />
      </Table.Td>
      <Table.Td role="cell" data-column="registered">
        {registered ? <Time value={registered} as="day" /> : <Unknown />}
      </Table.Td>
      <Table.Td role="cell" data-column="login">
        <span className={classes.phone}>last login </span>
        {last_login ? <Time value={last_login} as="day" /> : <Unknown />}
      </Table.Td>
    </Table.Tr>
  );
}

function Unknown() {
  return <span className={classes.unknown}>unknown</span>;
}
