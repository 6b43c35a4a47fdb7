import { ActionIcon, Button } from '@mantine/core';
import {
  IconAlertCircle,
  IconAlertTriangle,
  IconBan,
  IconCircleCheck,
  IconDownload,
  IconRepeat,
  IconX,
} from '@tabler/icons-react';
import { type FocusEvent, useEffect, useEffectEvent, useState } from 'react';
import type { JobFile } from '@/api/client';
import { useReach } from '@/api/reach';
import { newKey, useStartExport } from '@/downloads/queries';
import { useDownload } from '@/jobs/queries';
import type { OutcomeToast } from './toast';
import classes from './toast.module.css';
import { ToastSubject } from './toast-subject';
import { ViewExport } from './view-export';

const icons = { done: IconCircleCheck, warn: IconAlertTriangle, fail: IconAlertCircle, idle: IconBan };
const fileWords = { users: 'users', state_events: 'state events' };
const fileNames = { users: 'Download', state_events: 'State events' };

interface Props {
  toast: OutcomeToast;
  titleId: string;
  subjectId: string;
  onDismiss: (jobIds: readonly string[]) => void;
}

/** ToastOutcome shows how a job ended, with its downloads and a retry. */
export function ToastOutcome({ toast, titleId, subjectId, onDismiss }: Props) {
  const { tenant, job, subject, kind, title, notes, downloads, offers, retry } = toast;
  const { offline } = useReach();
  const download = useDownload(tenant);
  const start = useStartExport(tenant);
  const [key] = useState(newKey); // the same key for each press of Retry, so it starts one job
  const [used, setUsed] = useState<readonly JobFile['kind'][]>([]);
  const holdHandlers = useAutoClose(toast.closesAfter, () => onDismiss([job.jobId]));
  const Icon = icons[kind];
  const trouble = download.error ?? start.error;

  function fetch(file: JobFile['kind']): void {
    download.mutate(
      { jobId: job.jobId, kind: file },
      {
        onSuccess: () => {
          const now = [...used, file];
          setUsed(now);
          if (downloads.every((one) => now.includes(one))) onDismiss([job.jobId]);
        },
      },
    );
  }

  return (
    <div {...holdHandlers}>
      <div className={classes.head}>
        <Icon className={classes.icon} size={18} stroke={1.75} aria-hidden />
        <h2 id={titleId} className={classes.title}>
          {title}
        </h2>
        <ActionIcon
          className={classes.action ?? ''}
          aria-label={`Dismiss: ${subject}`}
          onClick={() => onDismiss([job.jobId])}
        >
          <IconX size={16} stroke={1.75} />
        </ActionIcon>
      </div>
      <div className={classes.indent}>
        <ToastSubject id={subjectId} toast={toast} />
        {notes.map((note) => (
          <p key={note}>{note}</p>
        ))}
        {trouble && (
          <p role="alert" className={classes.trouble}>
            {trouble.message}
          </p>
        )}
        <div className={classes.foot}>
          {downloads.map((file) => (
            <Button
              key={file}
              className={file === 'users' ? '' : (classes.button ?? '')}
              size="xs"
              variant={file === 'users' ? 'filled' : 'default'}
              leftSection={<IconDownload size={15} stroke={file === 'users' ? 2 : 1.75} />}
              aria-label={`${fileNames[file]}: ${subject}`}
              disabled={offline}
              loading={download.isPending && download.variables.kind === file}
              onClick={() => fetch(file)}
            >
              {fileNames[file]}
            </Button>
          ))}
          {offers.map(({ kind: file, saved, save }) => (
            <Button
              key={file}
              className={saved ? (classes.button ?? '') : ''}
              size="xs"
              variant={saved ? 'default' : 'filled'}
              aria-label={`${saveText(file, saved)}: ${subject}`}
              leftSection={<IconDownload size={15} stroke={1.75} />}
              onClick={save}
            >
              {saveText(file, saved)}
            </Button>
          ))}
          {retry && (
            <Button
              className={classes.button ?? ''}
              size="xs"
              leftSection={<IconRepeat size={15} stroke={1.75} />}
              aria-label={`${retry}: ${subject}`}
              disabled={offline}
              loading={start.isPending}
              onClick={() =>
                start.mutate(
                  { definition: job.definition, idempotencyKey: key },
                  { onSuccess: (made) => made && onDismiss([job.jobId]) }, // null: the admin closed the save dialog
                )
              }
            >
              {retry}
            </Button>
          )}
          {(downloads.length === 1 || retry) && <ViewExport toast={toast} />}
        </div>
      </div>
    </div>
  );
}

function saveText(file: JobFile['kind'], saved: boolean): string {
  return saved ? `Save ${fileWords[file]} again` : `Save ${fileWords[file]}`;
}

// Calls `close` after `after` milliseconds; never for null. The timer stops while the pointer or
// the focus is inside and restarts afterwards. Returns the event handlers of the element that
// closes.
function useAutoClose(after: number | null, close: () => void) {
  const [hovered, setHovered] = useState(false);
  const [focused, setFocused] = useState(false);
  const onTimeout = useEffectEvent(close);
  const held = hovered || focused;
  useEffect(() => {
    if (after === null || held) return;
    const timer = setTimeout(onTimeout, after);
    return () => clearTimeout(timer);
  }, [after, held]);
  return {
    onPointerEnter: () => setHovered(true),
    onPointerLeave: () => setHovered(false),
    onFocus: () => setFocused(true),
    onBlur: ({ currentTarget, relatedTarget }: FocusEvent) => setFocused(currentTarget.contains(relatedTarget)),
  };
}
