import { ActionIcon, Button } from '@mantine/core';
import { IconChevronDown, IconChevronUp } from '@tabler/icons-react';
import { useEffect, useId, useRef, useState } from 'react';
import { useReach } from '@/api/reach';
import { retryText, waitingState } from '@/jobs/retry-text';
import { CellBar } from '@/shared/ui/cell-bar';
import { useNow } from '@/shared/ui/use-now';
import { CancelQuestion } from './cancel-question';
import { detailsOf } from './details';
import { NotifyChoice } from './notify-choice';
import type { RunningToast } from './toast';
import classes from './toast.module.css';
import { ToastSubject } from './toast-subject';
import { ViewExport } from './view-export';

interface Props {
  toast: RunningToast;
  titleId: string;
  subjectId: string;
  /** Called when the admin confirms a cancel. */
  onCancel: () => void;
}

/** ToastProgress shows a queued or running job. The chevron expands its figures. */
export function ToastProgress({ toast, titleId, subjectId, onCancel }: Props) {
  const { job, subject, title, percent, note } = toast;
  const [expanded, setExpanded] = useState(false);
  const [asking, setAsking] = useState(false);
  const { offline } = useReach();
  const now = useNow(toast.waits);
  const waiting = toast.waits ? waitingState(job, now) : null;
  const details = useId();
  const cancel = useRef<HTMLButtonElement>(null);
  const kept = useRef(false);
  // "Keep going" returns the focus to the button that opened the question.
  useEffect(() => {
    if (!asking && kept.current) cancel.current?.focus();
    kept.current = false;
  }, [asking]);

  if (asking) {
    return (
      <CancelQuestion
        toast={toast}
        titleId={titleId}
        subjectId={subjectId}
        onConfirm={onCancel}
        onKeep={() => {
          kept.current = true;
          setAsking(false);
        }}
      />
    );
  }
  const Chevron = expanded ? IconChevronDown : IconChevronUp;
  const { bytes, bytesTotal } = job.progress.users;
  return (
    <>
      <div className={classes.head}>
        <h2 id={titleId} className={classes.title}>
          {waiting ?? title}
        </h2>
        {percent !== null && <span className={classes.percent}>{percent}%</span>}
        <ActionIcon
          className={classes.action ?? ''}
          aria-label={`${expanded ? 'Hide details' : 'Show details'}: ${subject}`}
          aria-expanded={expanded}
          aria-controls={expanded ? details : undefined}
          onClick={() => setExpanded(!expanded)}
        >
          <Chevron size={16} stroke={1.75} />
        </ActionIcon>
      </div>
      <ToastSubject id={subjectId} toast={toast} />
      <CellBar
        className={classes.bar}
        label="Export progress"
        percent={percent}
        tone={waiting ? 'warn' : 'live'}
        {...(job.status === 'downloading' && { bytes, bytesTotal })}
      />
      {waiting ? <p data-waits="">{retryText(job, now)}</p> : <p>{note}</p>}
      {expanded && (
        <div id={details}>
          <dl className={classes.facts}>
            {detailsOf(job).map(({ name, value }) => (
              <div key={name}>
                <dt>{name}</dt>
                <dd>{value}</dd>
              </div>
            ))}
          </dl>
          <div className={classes.foot}>
            <Button
              ref={cancel}
              className={classes.button ?? ''}
              size="xs"
              aria-label={`Cancel export: ${subject}`}
              disabled={offline}
              onClick={() => setAsking(true)}
            >
              Cancel export
            </Button>
            <NotifyChoice />
            <ViewExport toast={toast} />
          </div>
        </div>
      )}
    </>
  );
}
