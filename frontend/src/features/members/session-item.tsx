import { Button } from '@mantine/core';
import type { Session } from '@/api/client';
import { RelativeTime } from '@/shared/ui/relative-time';
import { Time } from '@/shared/ui/time';
import { deviceName } from '@/shared/ui/user-agent';
import classes from './member-sessions.module.css';

interface Props {
  session: Session;
  /** Disables the button. */
  busy: boolean;
  onEnd: () => void;
}

/** One session: browser and system, address, last use, and a button that ends it. */
export function SessionItem({ session, busy, onEnd }: Props) {
  const { address, created, lastUsed, userAgent, secondFactor, current } = session;
  const browser = deviceName(userAgent);
  return (
    <li>
      <div>
        <b title={userAgent}>{browser}</b>
        {current && <span className={classes.mark}>This session</span>}
        <p>
          <span className={classes.address}>{address}</span> · last used <RelativeTime value={lastUsed} />
        </p>
        <p>
          Logged in <Time value={created} /> {secondFactor ? 'with' : 'without'} a second factor
        </p>
      </div>
      <Button
        size="xs"
        aria-label={`End: ${browser}, ${address}`}
        aria-disabled={busy || undefined}
        onClick={() => {
          if (!busy) onEnd();
        }}
      >
        End
      </Button>
    </li>
  );
}
