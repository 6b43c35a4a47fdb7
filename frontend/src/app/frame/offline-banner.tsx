import { Button } from '@mantine/core';
import { IconWifiOff } from '@tabler/icons-react';
import { useQueryClient } from '@tanstack/react-query';
import { useEffect, useRef } from 'react';
import { keys } from '@/api/keys';
import { useReach } from '@/api/reach';
import { useDownloads } from '@/downloads/store';
import { exactUtc } from '@/shared/ui/format';
import { Time } from '@/shared/ui/time';
import classes from './offline-banner.module.css';

const probeInterval = 10_000; // ms between attempts to reach the server

/** Shows the age of the data while the server cannot be reached. It retries on its own, and refreshes the page after that. */
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
    const timer = setInterval(look, probeInterval);
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
            <b>{navigator.onLine ? 'Egress does not respond.' : 'You are offline.'}</b> Data as of{' '}
            <Time value={exactUtc(new Date(asOf))} as="clock" />.{streaming ? '' : ' Running exports continue.'}
          </span>
          <Button variant="transparent" onClick={() => void client.refetchQueries({ type: 'active' })}>
            Retry
          </Button>
        </div>
      )}
    </div>
  );
}
