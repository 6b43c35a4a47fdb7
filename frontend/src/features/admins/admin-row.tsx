import { Button } from '@mantine/core';
import { useNavigate } from '@tanstack/react-router';
import { useRef, useState } from 'react';
import { useRemoveAdmin, useSetRole } from '@/shared/api/admins';
import type { Admin, Role } from '@/shared/api/client';
import { useReach } from '@/shared/api/reach';
import { ListCell, ListRow } from '@/shared/ui/list-table';
import { Time } from '@/shared/ui/time';
import { useFocusAfter } from '@/shared/ui/use-focus-after';
import { AdminQuestion, type Asked } from './admin-question';
import classes from './admin-table.module.css';
import { RoleField } from './role-field';
import { roles } from './words';

interface Props {
  tenant: string;
  admin: Admin;
  /** It is who looks at the list. */
  own: boolean;
  /** Asks for a new link. */
  onInvite: () => void;
}

/** One admin. A role that the operator gave in every tenant is only shown. What stands alone on a narrow screen says there what it is. */
export function AdminRow({ tenant, admin, own, onInvite }: Props) {
  const { email, name, role, everywhere, invited, created } = admin;
  const set = useSetRole(tenant);
  const remove = useRemoveAdmin(tenant);
  const navigate = useNavigate();
  const { offline } = useReach();
  const [asking, setAsking] = useState<Asked | null>(null);
  const field = useRef<HTMLInputElement>(null);
  const button = useRef<HTMLButtonElement>(null);
  useFocusAfter(asking === 'remove', () => button.current);
  useFocusAfter(asking !== null && asking !== 'remove', () => field.current);
  const busy = offline || set.isPending || remove.isPending;
  const problem = set.error ?? remove.error;

  function change(to: Role): void {
    remove.reset();
    set.mutate({ admin, role: to });
  }

  async function leave(): Promise<void> {
    set.reset();
    try {
      await remove.mutateAsync(admin);
    } catch {
      return; // the row says why
    }
    if (own) await navigate({ to: '/' }); // also when the row has gone by then
  }

  function confirm(what: Asked): void {
    setAsking(null);
    if (what === 'remove') void leave();
    else change(what);
  }

  return (
    <ListRow className={classes.row ?? ''} data-asking={asking !== null || undefined}>
      <ListCell className={classes.who ?? ''}>
        <b dir="auto">{name}</b>
        {own && <span className={classes.mark}>you</span>}
        <span className={classes.email} title={email}>
          {email}
        </span>
        {problem && (
          <p role="alert" className={classes.problem}>
            {problem.message}
          </p>
        )}
      </ListCell>
      {asking !== null ? (
        <ListCell colSpan={3} className={classes.asking ?? ''}>
          <AdminQuestion about={asking} own={own} onKeep={() => setAsking(null)} onConfirm={() => confirm(asking)} />
        </ListCell>
      ) : (
        <>
          <ListCell className={classes.role ?? ''}>
            {everywhere ? (
              <>
                {roles[role].name}
                <span className={classes.email}>in every tenant, by the operator</span>
              </>
            ) : (
              <RoleField
                ref={field}
                aria-label={`Role of ${email}`}
                role={set.isPending ? set.variables.role : role}
                readOnly={busy}
                aria-disabled={busy || undefined}
                onChange={(to) => (own ? setAsking(to) : change(to))}
              />
            )}
          </ListCell>
          <ListCell className={classes.made ?? ''}>
            <span className={classes.narrow}>Account made </span>
            <Time value={created} as="day" />
            {invited && <span className={classes.mark}>invited, no password yet</span>}
          </ListCell>
          <ListCell className={classes.actions ?? ''}>
            {invited && (
              <Button size="xs" aria-label={`New link: ${email}`} aria-disabled={busy || undefined} onClick={onInvite}>
                New link
              </Button>
            )}
            {!everywhere && (
              <Button
                ref={button}
                size="xs"
                aria-label={`${own ? 'Leave' : 'Remove'}: ${email}`}
                aria-busy={remove.isPending || undefined}
                aria-disabled={busy || undefined}
                onClick={({ detail }) => {
                  // The second click of a double click asks nothing anew.
                  if (!busy && detail < 2) setAsking('remove');
                }}
              >
                {own ? 'Leave' : 'Remove'}
              </Button>
            )}
          </ListCell>
        </>
      )}
    </ListRow>
  );
}
