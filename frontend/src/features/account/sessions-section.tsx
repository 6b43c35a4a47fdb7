import { Button, Skeleton } from '@mantine/core';
import { IconRefresh } from '@tabler/icons-react';
import { useEndSession, useOwnSessions } from '@/api/account';
import { counted } from '@/shared/ui/format';
import { useFocusAfterFewer } from '@/shared/ui/whole-list';
import classes from './account.module.css';
import { LogOutEverywhere } from './log-out-everywhere';
import { Problem, Section } from './section';
import { SessionRow } from './session-row';

/** The sessions of the account, and buttons to end them. */
export function SessionsSection({ keyPairs }: { keyPairs: number }) {
  const sessions = useOwnSessions();
  const end = useEndSession();
  const place = useFocusAfterFewer(sessions.data?.length ?? 0);
  return (
    <Section
      title="Sessions"
      about="Where your account is logged in, last used first. End the sessions that are not yours, then change your password."
    >
      {sessions.data ? (
        <section ref={place} tabIndex={-1} className={classes.items} aria-label="Your sessions">
          <p role="status" className="unseen">
            {counted(sessions.data.length, 'session')}
          </p>
          <ul>
            {sessions.data.map((session) => (
              <SessionRow key={session.id} session={session} end={end} />
            ))}
          </ul>
        </section>
      ) : sessions.isError ? (
        <div className={classes.after}>
          <Problem error={sessions.error} />
          <div className={classes.buttons}>
            <Button
              leftSection={<IconRefresh size={16} stroke={1.75} />}
              loading={sessions.isFetching}
              onClick={() => sessions.refetch()}
            >
              Retry
            </Button>
          </div>
        </div>
      ) : (
        <div role="status" aria-label="Loading your sessions">
          <Skeleton height={60} mt={12} />
        </div>
      )}
      <LogOutEverywhere keyPairs={keyPairs} />
    </Section>
  );
}
