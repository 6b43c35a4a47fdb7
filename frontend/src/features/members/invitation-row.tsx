import { Button } from '@mantine/core';
import { IconClockOff } from '@tabler/icons-react';
import { useRef, useState } from 'react';
import type { PendingInvitation } from '@/api/client';
import { useHasOutbox } from '@/api/me';
import { useWithdrawInvitation } from '@/api/members';
import { useReach } from '@/api/reach';
import { ListCell, ListRow } from '@/shared/ui/list-table';
import { Question } from '@/shared/ui/question';
import { RelativeTime } from '@/shared/ui/relative-time';
import { useFocusAfter } from '@/shared/ui/use-focus-after';
import classes from './invitation-table.module.css';
import { roles } from './roles';

interface Props {
  tenant: string;
  invitation: PendingInvitation;
  /** Opens the dialog that creates a new link. */
  onAgain: () => void;
}

/** One pending invitation. An expired one can be renewed. */
export function InvitationRow({ tenant, invitation, onAgain }: Props) {
  const { email, role, created, expires, expired } = invitation;
  const withdraw = useWithdrawInvitation(tenant);
  const { offline } = useReach();
  const [asking, setAsking] = useState(false);
  const button = useRef<HTMLButtonElement>(null);
  useFocusAfter(asking, () => button.current);
  const busy = offline || withdraw.isPending;
  const again = useHasOutbox() ? 'New link' : 'Send again';
  return (
    <ListRow className={classes.row ?? ''} data-asking={asking || undefined}>
      <ListCell className={classes.who ?? ''}>
        <b>{email}</b>
        {withdraw.error && (
          <p role="alert" className={classes.problem}>
            {withdraw.error.message}
          </p>
        )}
      </ListCell>
      {asking ? (
        <ListCell colSpan={3} className={classes.asking ?? ''}>
          <Question
            title="Withdraw this invitation?"
            confirm="Withdraw"
            keep="Keep"
            onKeep={() => setAsking(false)}
            onConfirm={() => {
              setAsking(false);
              withdraw.mutate(invitation);
            }}
          >
            Its link stops working at once.
          </Question>
        </ListCell>
      ) : (
        <>
          <ListCell className={classes.role ?? ''}>{roles[role].name}</ListCell>
          <ListCell className={classes.invited ?? ''}>
            <span className={classes.narrow}>Invited </span>
            <RelativeTime value={created} />
            {expired ? (
              <span className={classes.expired}>
                <IconClockOff size={14} stroke={1.75} aria-hidden /> Expired
              </span>
            ) : (
              <>
                , expires <RelativeTime value={expires} />
              </>
            )}
          </ListCell>
          <ListCell className={classes.actions ?? ''}>
            <Button size="xs" aria-label={`${again}: ${email}`} aria-disabled={busy || undefined} onClick={onAgain}>
              {again}
            </Button>
            <Button
              ref={button}
              size="xs"
              aria-label={`Withdraw: ${email}`}
              aria-busy={withdraw.isPending || undefined}
              aria-disabled={busy || undefined}
              onClick={({ detail }) => {
                // Ignores the second click of a double click.
                if (!busy && detail < 2) setAsking(true);
              }}
            >
              Withdraw
            </Button>
          </ListCell>
        </>
      )}
    </ListRow>
  );
}
