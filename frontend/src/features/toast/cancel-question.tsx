import { Button } from '@mantine/core';
import type { Job } from '@/api/client';
import { useReach } from '@/api/reach';
import { useCancelExport } from '@/downloads/queries';
import { lossText } from './details';
import classes from './toast.module.css';

interface Props {
  tenant: string;
  job: Job;
  titleId: string;
  onConfirm: () => void;
  onKeep: () => void;
}

/** CancelQuestion asks in the toast whether to cancel, and says what will be lost. */
export function CancelQuestion({ tenant, job, titleId, onConfirm, onKeep }: Props) {
  const cancel = useCancelExport(tenant);
  const { offline } = useReach();
  return (
    <>
      <div className={classes.head}>
        <h2 id={titleId} className={classes.title}>
          Cancel this export?
        </h2>
      </div>
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
          disabled={offline}
          loading={cancel.isPending}
          onClick={() => {
            onConfirm();
            cancel.mutate(job.jobId);
          }}
        >
          Cancel export
        </Button>
        <Button className={classes.button ?? ''} size="xs" autoFocus onClick={onKeep}>
          Keep going
        </Button>
      </div>
    </>
  );
}
