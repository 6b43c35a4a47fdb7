import { useRef, useState } from 'react';
import type { Job } from '@/api/client';
import { waitingState } from '@/jobs/retry-text';
import { StatusMark } from '@/jobs/status-mark';
import { own } from '@/shared/own';
import { size } from '@/shared/ui/format';
import { Time } from '@/shared/ui/time';
import { useFocusAfter } from '@/shared/ui/use-focus-after';
import { ActionButton } from '../actions/action-button';
import type { Action, Actions } from '../actions/actions';
import { CancelQuestion } from '../actions/cancel-question';
import { JobMenu } from '../actions/job-menu';
import { ProblemLine } from '../actions/problem-line';
import type { JobProblem } from '../actions/use-job-actions';
import { durationText, origins, usersFile } from '../text/job-text';
import { Breadcrumb } from './breadcrumb';
import classes from './job-head.module.css';

interface Props {
  tenant: string;
  job: Job;
  now: Date;
  actions: Actions;
  running: Action | null;
  offline: boolean;
  problem: JobProblem | null;
  onAction: (action: Action, job: Job) => void;
}

/** JobHead shows the job's title, status and actions; the main action comes last. */
export function JobHead({ tenant, job, now, actions, running, offline, problem, onAction }: Props) {
  const [asked, setAsked] = useState(false);
  const all = actions.main ? [actions.main, ...actions.more] : actions.more;
  const asking = asked && all.includes('cancel');
  const title = useRef<HTMLHeadingElement>(null);
  const cancel = useRef<HTMLButtonElement>(null);
  useFocusAfter(asking, () => cancel.current ?? title.current);

  const button = (action: Action, text?: string) => (
    <ActionButton
      key={action}
      {...(action === 'cancel' && { ref: cancel })}
      action={action}
      primary={action === 'download'}
      busy={running === action}
      disabled={offline || running !== null}
      onClick={() => (action === 'cancel' ? setAsked(true) : onAction(action, job))}
    >
      {text}
    </ActionButton>
  );
  const file = usersFile(job);
  const duration = durationText(job, now);
  return (
    <header className={classes.head}>
      <Breadcrumb tenant={tenant} jobId={job.jobId} />
      <div className={classes.row}>
        <div className={classes.words}>
          <h1 ref={title} tabIndex={-1} data-page-title="" dir="auto">
            {job.words}
          </h1>
          <div className={classes.status}>
            <StatusMark status={job.status} waiting={waitingState(job, now)} />
            <span>
              {job.requestedBy}, {own(origins, job.origin)?.phrase ?? job.origin}
            </span>
            {job.mode === 'sync' && <span>streamed</span>}
            <Time value={job.startedAt ?? job.createdAt} />
            {duration && <span>{duration}</span>}
          </div>
        </div>
        {asking ? (
          <CancelQuestion
            job={job}
            onKeep={() => setAsked(false)}
            onConfirm={() => {
              setAsked(false);
              onAction('cancel', job);
            }}
          />
        ) : (
          <div className={classes.actions}>
            {all.includes('cancel') && button('cancel')}
            {all.includes('run-again') && button('run-again')}
            {all.includes('run-events-again') && button('run-events-again')}
            {all.includes('download-events') && button('download-events')}
            {all.includes('download') && button('download', file && `Download ${size(file.bytes)}`)}
            <JobMenu
              framed
              tenant={tenant}
              job={job}
              actions={all.filter((action) => action === 'save-manifest')}
              disabled={offline || running !== null}
              onAction={(action) => onAction(action, job)}
            />
          </div>
        )}
      </div>
      {problem && <ProblemLine className={classes.problem} problem={problem} tenant={tenant} />}
    </header>
  );
}
