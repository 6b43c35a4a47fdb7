import { ActionIcon } from '@mantine/core';
import { IconDownload } from '@tabler/icons-react';
import { Link } from '@tanstack/react-router';
import { useRef, useState } from 'react';
import type { Job } from '@/api/client';
import { waitingState } from '@/jobs/retry-text';
import { isRunning } from '@/jobs/status';
import { StatusMark } from '@/jobs/status-mark';
import { own } from '@/shared/own';
import { exactUtc } from '@/shared/ui/format';
import { useFocusAfter } from '@/shared/ui/use-focus-after';
import { ActionButton } from '../actions/action-button';
import type { Action, Actions } from '../actions/actions';
import { CancelQuestion } from '../actions/cancel-question';
import { JobMenu } from '../actions/job-menu';
import { ProblemLine } from '../actions/problem-line';
import type { JobProblem } from '../actions/use-job-actions';
import { captionText, origins, rows, sizeText, startText } from '../text/job-text';
import classes from './job-row.module.css';
import columns from './job-table.module.css';
import { RowCaption } from './row-caption';

/** The content of a row. */
export interface RowProps {
  tenant: string;
  job: Job;
  now: Date;
  zone: string;
  actions: Actions;
  running: Action | null;
  offline: boolean;
  /** On a phone every action is in the menu. */
  narrow: boolean;
  problem: JobProblem | null;
  onAction: (action: Action, job: Job) => void;
}

/** JobRow is one job. The title's link covers the row; the buttons lie above the link. */
export function JobRow({ tenant, job, now, zone, actions, running, offline, narrow, problem, onAction }: RowProps) {
  const [asked, setAsked] = useState(false);
  const all = actions.main ? [actions.main, ...actions.more] : actions.more;
  const asking = asked && all.includes('cancel');
  const title = useRef<HTMLAnchorElement>(null);
  const main = useRef<HTMLButtonElement>(null);
  const menu = useRef<HTMLButtonElement>(null);
  useFocusAfter(asking, () => (running ? title.current : (main.current ?? menu.current ?? title.current)));

  const act = (action: Action) => (action === 'cancel' ? setAsked(true) : onAction(action, job));
  const start = startText(job, zone, now);
  const size = sizeText(job);
  const link = { to: '/t/$tenant/exports/$jobId', params: { tenant, jobId: job.jobId } } as const;
  return (
    <tr role="row" className={classes.row} data-running={isRunning(job) || undefined} data-asking={asking || undefined}>
      <td role="cell" className={cell('status')}>
        <StatusMark status={job.status} waiting={waitingState(job, now)} />
      </td>
      <td role="cell" className={cell('what')}>
        <Link
          ref={title}
          className={classes.title}
          title={`${job.words}\n${captionText(job, zone, now)}`}
          dir="auto"
          {...link}
        >
          {job.words}
        </Link>
        {problem ? (
          <ProblemLine className={classes.problem} problem={problem} tenant={tenant} />
        ) : (
          <RowCaption job={job} now={now} zone={zone} />
        )}
      </td>
      {asking ? (
        <td role="cell" colSpan={5} className={classes.asking}>
          <CancelQuestion
            job={job}
            onKeep={() => setAsked(false)}
            onConfirm={() => {
              setAsked(false);
              onAction('cancel', job);
            }}
          />
        </td>
      ) : (
        <>
          <td role="cell" className={cell('who')}>
            <span className={classes.first} title={job.requestedBy}>
              {job.requestedBy}
            </span>
            <span className={classes.second}>
              {own(origins, job.origin)?.caption ?? job.origin}
              {job.mode === 'sync' && ', streamed'}
            </span>
          </td>
          <td role="cell" className={cell('started')}>
            {/* It lies above the title's link so that its tooltip works, and is a link so that a click still opens the row. */}
            <Link className={classes.time} tabIndex={-1} {...link}>
              <time
                dateTime={exactUtc(job.startedAt ?? job.createdAt)}
                title={exactUtc(job.startedAt ?? job.createdAt)}
              >
                {start.first}
              </time>
            </Link>
            <span className={classes.second}>{start.second}</span>
          </td>
          <td role="cell" className={cell('rows')}>
            {rows(job)}
          </td>
          <td role="cell" className={cell('size')} data-none={size.first === '–' || undefined}>
            <span className={size.second ? classes.first : undefined}>{size.first}</span>
            {size.second && <span className={classes.second}>{size.second}</span>}
          </td>
          <td role="cell" className={cell('actions')}>
            <div>
              {actions.main === 'download' && narrow && (
                <ActionIcon
                  variant="subtle"
                  size={44}
                  aria-label={`Download: ${job.words}`}
                  aria-disabled={offline || running !== null || undefined}
                  aria-busy={running === 'download' || undefined}
                  onClick={() => running === null && onAction('download', job)}
                >
                  <IconDownload size={20} stroke={1.75} aria-hidden />
                </ActionIcon>
              )}
              {actions.main && !narrow && (
                <ActionButton
                  ref={main}
                  small
                  action={actions.main}
                  of={job.words}
                  busy={running === actions.main}
                  disabled={offline || running !== null}
                  onClick={() => actions.main && act(actions.main)}
                />
              )}
              <JobMenu
                ref={menu}
                withOpen
                tenant={tenant}
                job={job}
                actions={narrow ? all : actions.more}
                disabled={offline || running !== null}
                onAction={act}
              />
            </div>
          </td>
        </>
      )}
    </tr>
  );
}

// The classes of a cell: its column's and its own.
function cell(column: string): string {
  return `${columns[column] ?? ''} ${classes[column] ?? ''}`;
}
