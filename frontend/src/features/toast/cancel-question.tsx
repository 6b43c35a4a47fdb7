import { Button } from '@mantine/core';
import { useReach } from '@/api/reach';
import { useCancelExport } from '@/downloads/queries';
import { lossText } from './details';
import type { RunningToast } from './toast';
import classes from './toast.module.css';
import { ToastSubject } from './toast-subject';

interface Props {
  toast: RunningToast;
  titleId: string;
  subjectId: string;
  onConfirm: () => void;
  onKeep: () => void;
}

/** CancelQuestion asks in the toast whether to cancel, and says what will be lost. */
export function CancelQuestion({ toast, titleId, subjectId, onConfirm, onKeep }: Props) {
  const { tenant, job, subject } = toast;
  const cancel = useCancelExport(tenant);
  const { offline } = useReach();
  return (
    <>
      <div className={classes.head}>
        <h2 id={titleId} className={classes.title}>
          Cancel this export?
        </h2>
      </div>
      <ToastSubject id={subjectId} toast={toast} />
      <p>{lossText(job)}</p>
      {cancel.isError && (
        <p role="alert" className={classes.trouble}>
          {cancel.error.message}
        </p>
      )}
      <div className={classes.foot}>
        <Button
          className={classes.button ?? ''}
          size="xs"
          data-danger
          aria-label={`Cancel export: ${subject}`}
          disabled={offline}
          loading={cancel.isPending}
          onClick={() => {
            onConfirm();
            cancel.mutate(job.jobId);
          }}
        >
          Cancel export
        </Button>
        <Button
          className={classes.button ?? ''}
          size="xs"
          aria-label={`Keep going: ${subject}`}
          autoFocus
          onClick={onKeep}
        >
          Keep going
        </Button>
      </div>
    </>
  );
}
