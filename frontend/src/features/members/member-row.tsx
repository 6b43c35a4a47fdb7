import { Button } from '@mantine/core';
import { IconCircleCheck, IconCircleDashed } from '@tabler/icons-react';
import { useNavigate } from '@tanstack/react-router';
import { useRef, useState } from 'react';
import type { Admin, Role } from '@/api/client';
import { useRemoveMember, useSetRole } from '@/api/members';
import { useReach } from '@/api/reach';
import { ListCell, ListRow } from '@/shared/ui/list-table';
import { useFocusAfter } from '@/shared/ui/use-focus-after';
import { type Asked, MemberQuestion } from './member-question';
import classes from './member-table.module.css';
import { RoleField } from './role-field';
import { roles } from './roles';

interface Props {
  tenant: string;
  member: Admin;
  /** The member is the current admin. */
  own: boolean;
  /** Shows the member's sessions. */
  onSessions: () => void;
}

/** One member. A role in every tenant, set by the operator, is read-only. */
export function MemberRow({ tenant, member, own, onSessions }: Props) {
  const { email, name, role, everywhere, secondFactor } = member;
  const set = useSetRole(tenant);
  const remove = useRemoveMember(tenant);
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
    set.mutate({ member, role: to });
  }

  async function leave(): Promise<void> {
    set.reset();
    try {
      await remove.mutateAsync(member);
    } catch {
      return; // the row shows the error
    }
    if (own) await navigate({ to: '/' }); // also after the row has unmounted
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
        {own && <span className={classes.mark}>You</span>}
        {everywhere && <span className={classes.mark}>Every tenant</span>}
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
          <MemberQuestion about={asking} own={own} onKeep={() => setAsking(null)} onConfirm={() => confirm(asking)} />
        </ListCell>
      ) : (
        <>
          <ListCell className={classes.role ?? ''}>
            {everywhere ? (
              <>
                {roles[role].name}
                <span className={classes.email}>set by the operator</span>
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
          <ListCell className={classes.factor ?? ''}>
            <SecondFactor on={secondFactor} />
          </ListCell>
          <ListCell className={classes.actions ?? ''}>
            <Button size="xs" aria-label={`Sessions: ${email}`} aria-haspopup="dialog" onClick={onSessions}>
              Sessions
            </Button>
            {!everywhere && (
              <Button
                ref={button}
                size="xs"
                aria-label={`${own ? 'Leave' : 'Remove'}: ${email}`}
                aria-busy={remove.isPending || undefined}
                aria-disabled={busy || undefined}
                onClick={({ detail }) => {
                  // Ignores the second click of a double click.
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

// On narrow screens there are no column heads, so the value has a label.
function SecondFactor({ on }: { on: boolean }) {
  const Icon = on ? IconCircleCheck : IconCircleDashed;
  return (
    <>
      <Icon size={15} stroke={1.75} aria-hidden data-on={on || undefined} />
      <span className={classes.narrow}>Second factor: </span>
      {on ? 'Yes' : 'No'}
    </>
  );
}
