import { Button } from '@mantine/core';
import { IconDeviceDesktop, IconDeviceMobile } from '@tabler/icons-react';
import type { useEndSession } from '@/api/account';
import type { Session } from '@/api/client';
import { useReach } from '@/api/reach';
import { RelativeTime } from '@/shared/ui/relative-time';
import { Time } from '@/shared/ui/time';
import { deviceName, isHandheld } from '@/shared/ui/user-agent';
import classes from './account.module.css';
import { Problem } from './section';

interface Props {
  session: Session;
  end: ReturnType<typeof useEndSession>;
}

/** One session: device, address, last use, and a button that ends it, except for the current one. */
export function SessionRow({
  session: { id, userAgent, address, created, lastUsed, secondFactor, current },
  end,
}: Props) {
  const { offline } = useReach();
  const Icon = isHandheld(userAgent) ? IconDeviceMobile : IconDeviceDesktop;
  const name = deviceName(userAgent);
  const own = end.variables === id;
  return (
    <li className={classes.item}>
      <Icon size={20} stroke={1.75} aria-hidden />
      <div className={classes.words}>
        <b title={userAgent}>{name}</b>
        {current && <span className={classes.here}>This session</span>}
        <p>
          {address}, last used <RelativeTime value={lastUsed} />
        </p>
        <p>
          Logged in <Time value={created} />
          {secondFactor && ' with a second factor'}
        </p>
        {own && <Problem error={end.error} />}
      </div>
      {!current && (
        <div className={classes.actions}>
          <Button
            size="xs"
            aria-label={`End: ${name}, ${address}`}
            aria-busy={(own && end.isPending) || undefined}
            aria-disabled={offline || undefined}
            onClick={() => !offline && !end.isPending && end.mutate(id)}
          >
            End
          </Button>
        </div>
      )}
    </li>
  );
}
