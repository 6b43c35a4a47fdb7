import { useRef, useState } from 'react';
import type { Job } from '@/shared/api/client';
import { size } from '@/shared/ui/format';
import { StatusMark } from '@/shared/ui/status-mark';
import { Time } from '@/shared/ui/time';
import { useFocusAfter } from '@/shared/ui/use-focus-after';
import { ActionButton } from './action-button';
import type { Action, Actions } from './actions';
import { Breadcrumb } from './breadcrumb';
import { CancelQuestion } from './cancel-question';
import classes from './job-head.module.css';
import { JobMenu } from './job-menu';
import { origins, took, usersFile } from './lines';
import { ProblemLine } from './problem-line';
import type { JobProblem } from './use-job-actions';

interface Props {
  tenant: string;
  job: Job;
  now: Date;
  actions: Actions;
  doing: Action | null;
  offline: boolean;
  problem: JobProblem | null;
  onAction: (action: Action, job: Job) => void;
}

/** The job's title, how it stands, and what can be done with it: quiet actions first, the way out last. */
export function JobHead({ tenant, job, now, actions, doing, offline, problem, onAction }: Props) {
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
      busy={doing === action}
      disabled={offline || doing !== null}
      onClick={() => (action === 'cancel' ? setAsked(true) : onAction(action, job))}
    >
      {text}
    </ActionButton>
  );
  const file = usersFile(job);
  const long = took(job, now);
  return (
    <header className={classes.head}>
      <Breadcrumb tenant={tenant} jobId={job.jobId} />
      <div className={classes.row}>
        <div className={classes.words}>
          <h1 ref={title} tabIndex={-1} data-page-title="" dir="auto">
            {job.words}
          </h1>
          <div className={classes.status}>
            <StatusMark status={job.status} />
            <span>
              {job.requestedBy}, {origins[job.origin].phrase}
            </span>
            {job.mode === 'sync' && <span>streamed</span>}
            <Time value={job.startedAt ?? job.createdAt} />
            {long && <span>{long}</span>}
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
            {all.includes('download-events') && button('download-events')}
            {all.includes('download') && button('download', file && `Download ${size(file.bytes)}`)}
            <JobMenu
              framed
              tenant={tenant}
              job={job}
              actions={all.filter((action) => action === 'save-manifest')}
              disabled={offline || doing !== null}
              onAction={(action) => onAction(action, job)}
            />
          </div>
        )}
      </div>
      {problem && <ProblemLine className={classes.problem} problem={problem} tenant={tenant} />}
    </header>
  );
}
