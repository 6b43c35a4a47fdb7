import { IconChevronRight } from '@tabler/icons-react';
import { Link } from '@tanstack/react-router';
import type { MouseEvent, ReactNode } from 'react';
import type { Field, User, UserSchema, UserStore } from '@/api/client';
import { lazyPart } from '@/shared/lazy-part';
import { own } from '@/shared/own';
import { clipped } from '@/shared/ui/format';
import { Time } from '@/shared/ui/time';
import { Value } from '@/shared/ui/value';
import { leadOf, nameOf, textOf } from '../user/columns';
import { type ListColumn, leadColumn } from '../user/list-columns';
import { SubscriptionMark } from '../user/subscription-mark';
import { summary } from '../user/subscriptions';
import { withUser } from '../view/view';
import { CellText, Unknown } from './cell-text';
import classes from './users-table.module.css';

/** The names of what users refer to. */
interface Lists {
  /** The fields that form the name. */
  name: readonly Field[];
  stores: readonly UserStore[];
  products: UserSchema['products'];
}

interface Props extends Lists {
  tenant: string;
  user: User;
  /** The columns after the first one. */
  columns: readonly ListColumn[];
  opened: string | null;
  onOpen: (userId: string) => void;
}

/**
 * One user of the list. The address is a link, for keyboards and screen readers; a click anywhere in the row opens it
 * too. Rows and cells are plain elements: a page has hundreds of them, and components cost more.
 */
export function UserRow({ tenant, user, columns, opened, onOpen, ...lists }: Props) {
  const { user_id: id, identifiers, email_verified } = user;
  const open = ({ target }: MouseEvent) => {
    const inside = target instanceof Element && target.closest('a') !== null;
    // A click that selects text does not open the user.
    if (!inside && !window.getSelection()?.toString()) onOpen(id);
  };
  return (
    <tr role="row" className={classes.row ?? ''} data-user={id} data-opened={opened === id || undefined} onClick={open}>
      <Cell column={leadColumn} of={id}>
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
      {columns.map((column) => (
        <Cell key={column.id} column={column} of={rawValueOf(user, column)}>
          {() => content(user, column, lists)}
        </Cell>
      ))}
    </tr>
  );
}

// Returns what a cell shows as text if its content throws.
function rawValueOf(user: User, { id, attribute }: ListColumn): unknown {
  switch (id) {
    case 'store':
      return user.user_store_id;
    case 'subscriptions':
      return user.grants;
    case 'username':
      return user.identifiers.username;
    case 'user_id':
    case 'registered':
    case 'last_login':
    case 'updated':
      return user[id];
    default:
      return attribute ? own(user.attributes, attribute.slug) : user.attributes;
  }
}

function content(user: User, { id, attribute }: ListColumn, { name, stores, products }: Lists): ReactNode {
  const { user_store_id, registered, last_login, updated, identifiers, grants } = user;
  switch (id) {
    case 'name':
      return <CellText text={nameOf(user, { name })} className={classes.name} />;
    case 'store':
      return <CellText text={stores.find((store) => store.id === user_store_id)?.title ?? user_store_id} />;
    case 'subscriptions':
      return <SubscriptionMark summary={summary(grants, products)} />;
    case 'username':
      return <CellText text={identifiers.username ?? ''} />;
    case 'user_id':
      return <CellText text={user.user_id} />;
    case 'registered':
      return <Day time={registered} />;
    case 'updated':
      return <Day time={updated} />;
    case 'last_login':
      return (
        <>
          <span className={classes.phone}>last login </span>
          <Day time={last_login} />
        </>
      );
    default:
      return attribute && attributeContent(attribute, own(user.attributes, attribute.slug));
  }
}

function Day({ time }: { time: string | null }) {
  return time ? <Time value={time} as="day" /> : <Unknown />;
}

// Text is the common case. The code of the other types is loaded for the first column of one.
const plain: ReadonlySet<Field['input-type']> = new Set(['text', 'select', 'radio', 'email', 'textarea']);
const AttributeCell = lazyPart(async () => (await import('./attribute-cell')).AttributeCell);

function attributeContent(field: Field, value: unknown): ReactNode {
  if (plain.has(field['input-type'])) return <CellText text={textOf(value)} />;
  return <AttributeCell field={field} value={value} />;
}

interface CellProps {
  column: ListColumn;
  /** The value that the cell shows as text if `children` throws. */
  of: unknown;
  children: () => ReactNode;
}

function Cell({ column: { kind, label }, of, children }: CellProps) {
  return (
    <td role="cell" data-column={kind} data-label={label}>
      <Value of={of}>{children}</Value>
    </td>
  );
}
