import { Button, Drawer } from '@mantine/core';
import { IconX } from '@tabler/icons-react';
import { useState } from 'react';
import type { Admin } from '@/api/client';
import { useEndMemberSessions, useMemberSessions } from '@/api/member-sessions';
import { useReach } from '@/api/reach';
import { counted } from '@/shared/ui/format';
import { ErrorState } from '@/shared/ui/states';
import { useFocusReturn } from '@/shared/ui/use-focus-return';
import { useFocusAfterFewer } from '@/shared/ui/whole-list';
import classes from './member-sessions.module.css';
import { SessionItem } from './session-item';

interface Props {
  tenant: string;
  /** The member whose sessions are shown; null closes the drawer. The content stays during the closing transition. */
  member: Admin | null;
  onClose: () => void;
}

/** A drawer with a member's sessions, which an owner can end. */
export function MemberSessions({ tenant, member, onClose }: Props) {
  const [shown, setShown] = useState(member);
  useFocusReturn(member !== null);
  if (member !== null && member !== shown) setShown(member);
  return (
    <Drawer.Root
      opened={member !== null}
      onClose={onClose}
      onExitTransitionEnd={() => setShown(null)}
      size={560}
      position="right"
      returnFocus={false}
      classNames={{ content: classes.drawer ?? '', body: classes.body ?? '' }}
    >
      <Drawer.Overlay color="var(--overlay)" backgroundOpacity={1} />
      <Drawer.Content>
        {shown && (
          <>
            <div className={classes.head}>
              <div>
                <Drawer.Title className={classes.title ?? ''} tabIndex={-1} data-autofocus>
                  Sessions of <bdi>{shown.name}</bdi>
                </Drawer.Title>
                <p>{shown.email}</p>
              </div>
              <Drawer.CloseButton aria-label="Close" icon={<IconX size={18} stroke={1.75} />} />
            </div>
            <Drawer.Body>
              <SessionList tenant={tenant} userId={shown.user_id} />
            </Drawer.Body>
          </>
        )}
      </Drawer.Content>
    </Drawer.Root>
  );
}

function SessionList({ tenant, userId }: { tenant: string; userId: string }) {
  const { data, error, isFetching, refetch } = useMemberSessions(tenant, userId);
  const end = useEndMemberSessions(tenant, userId);
  const { offline } = useReach();
  const place = useFocusAfterFewer(data?.length ?? 0);
  if (!data) {
    if (!error) return <p role="status">Loading the sessions…</p>;
    return (
      <ErrorState
        title="The sessions could not be loaded"
        error={error}
        retrying={isFetching}
        onRetry={() => void refetch()}
      />
    );
  }
  const busy = offline || end.isPending;
  return (
    <section ref={place} tabIndex={-1} className={classes.place} aria-label="Sessions">
      <div className={classes.line}>
        <p role="status">
          {data.length > 0 ? counted(data.length, 'session') : 'No sessions: not logged in anywhere.'}
        </p>
        {data.length > 0 && (
          <Button
            size="xs"
            data-danger
            aria-busy={end.isPending || undefined}
            aria-disabled={busy || undefined}
            onClick={() => {
              if (!busy) end.mutate('all');
            }}
          >
            End all
          </Button>
        )}
      </div>
      {end.error && (
        <p role="alert" className={classes.problem}>
          {end.error.message}
        </p>
      )}
      <ul className={classes.sessions}>
        {data.map((session) => (
          <SessionItem key={session.id} session={session} busy={busy} onEnd={() => end.mutate(session)} />
        ))}
      </ul>
    </section>
  );
}
