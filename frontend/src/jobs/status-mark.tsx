import { Badge } from '@mantine/core';
import {
  IconAlertCircle,
  IconAlertTriangle,
  IconBan,
  IconCircleCheck,
  IconClockOff,
  IconHourglass,
  IconRefresh,
  type TablerIcon,
} from '@tabler/icons-react';
import type { JobStatus } from '@/api/client';
import { own } from '@/shared/own';
import type { WaitingState } from './retry-text';
import { statusNames } from './status';
import classes from './status-mark.module.css';

type Tone = 'live' | 'idle' | 'warn' | 'fail' | 'done' | 'past';

// Statuses that need attention are coloured badges, past ones are plain text with an icon, and live
// ones have a dot.
const looks: Record<JobStatus, { tone: Tone; icon: TablerIcon | null; size?: number }> = {
  queued: { tone: 'idle', icon: IconHourglass, size: 13 },
  preparing: { tone: 'live', icon: null },
  downloading: { tone: 'live', icon: null },
  downloading_state_events: { tone: 'live', icon: null },
  completed: { tone: 'done', icon: IconCircleCheck, size: 17 },
  completed_with_errors: { tone: 'warn', icon: IconAlertTriangle },
  failed: { tone: 'fail', icon: IconAlertCircle },
  cancelled: { tone: 'past', icon: IconBan, size: 16 },
  expired: { tone: 'past', icon: IconClockOff, size: 16 },
};

const waitingLooks: Record<WaitingState, (typeof looks)[JobStatus]> = {
  Waiting: { tone: 'warn', icon: IconHourglass, size: 13 },
  Retrying: { tone: 'warn', icon: IconRefresh, size: 13 },
};

// Of a server that is newer than this page.
const unknown: (typeof looks)[JobStatus] = { tone: 'idle', icon: null };

interface Props {
  status: JobStatus;
  /** Shown instead of the status while a live job waits. */
  waiting?: WaitingState | null;
}

/** A job's status: icon and word, in a badge only where it wants attention. */
export function StatusMark({ status, waiting = null }: Props) {
  const { tone, icon: Icon, size = 14 } = waiting ? waitingLooks[waiting] : (own(looks, status) ?? unknown);
  return (
    <Badge
      variant="default"
      className={classes.mark ?? ''}
      data-status={status}
      data-tone={tone}
      leftSection={
        Icon ? <Icon size={size} stroke={1.75} aria-hidden /> : <span className={classes.dot} aria-hidden="true" />
      }
    >
      {waiting ?? own(statusNames, status) ?? status}
    </Badge>
  );
}
