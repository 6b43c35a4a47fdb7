import { Button } from '@mantine/core';
import type { Job } from '@/shared/api/client';
import { useCancelExport } from '@/shared/api/jobs';
import { useReach } from '@/shared/api/reach';
import { lossOf } from './details';
import classes from './toast.module.css';

interface Props {
  tenant: string;
  job: Job;
  titleId: string;
  onConfirm: () => void;
  onKeep: () => void;
}

/** Asks in place whether to cancel, and says what that gives up. */
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
      <p>{lossOf(job)}</p>
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
