import { Button } from '@mantine/core';
import { IconWifiOff } from '@tabler/icons-react';
import { useQueryClient } from '@tanstack/react-query';
import { useEffect, useRef } from 'react';
import { keys } from '@/shared/api/keys';
import { useReach } from '@/shared/api/reach';
import { useDownloads } from '@/shared/downloads/store';
import { exactUtc } from '@/shared/ui/format';
import { Time } from '@/shared/ui/time';
import classes from './offline-banner.module.css';

const again = 10_000; // ms between looks whether the server is back

/** Says, while no answer comes, as of when the page is. It looks by itself whether the server is back, and catches up. */
export function OfflineBanner() {
  const { offline, asOf } = useReach();
  const client = useQueryClient();
  const streaming = [...useDownloads().values()].some(({ phase }) => phase === 'streaming');
  const was = useRef(offline);

  useEffect(() => {
    if (was.current && !offline) void client.invalidateQueries();
    was.current = offline;
    if (!offline) return;
    const look = () => void client.refetchQueries({ queryKey: keys.me });
    const timer = setInterval(look, again);
    addEventListener('online', look);
    return () => {
      clearInterval(timer);
      removeEventListener('online', look);
    };
  }, [client, offline]);

  return (
    <div role="status" className={classes.place}>
      {offline && (
        <div className={classes.banner}>
          <IconWifiOff size={16} stroke={1.75} aria-hidden />
          <span>
            <b>{navigator.onLine ? 'Egress does not answer.' : 'You are offline.'}</b> Shown as of{' '}
            <Time value={exactUtc(new Date(asOf))} as="clock" />.{streaming ? '' : ' Exports go on.'}
          </span>
          <Button variant="transparent" onClick={() => void client.refetchQueries({ type: 'active' })}>
            Try now
          </Button>
        </div>
      )}
    </div>
  );
}
