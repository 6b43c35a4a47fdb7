import { Table } from '@mantine/core';
import { Link } from '@tanstack/react-router';
import { useRef, useState } from 'react';
import type { Job } from '@/shared/api/client';
import { isRunning } from '@/shared/jobs/words';
import { exactUtc } from '@/shared/ui/format';
import { StatusMark } from '@/shared/ui/status-mark';
import { useFocusAfter } from '@/shared/ui/use-focus-after';
import { ActionButton } from './action-button';
import type { Action, Actions } from './actions';
import { CancelQuestion } from './cancel-question';
import { JobMenu } from './job-menu';
import classes from './job-row.module.css';
import columns from './job-table.module.css';
import { origins, rows, secondLine, sizes, started } from './lines';
import { ProblemLine } from './problem-line';
import { SecondLine } from './second-line';
import type { JobProblem } from './use-job-actions';

/** What a row shows. */
export interface RowProps {
  tenant: string;
  job: Job;
  now: Date;
  zone: string;
  actions: Actions;
  doing: Action | null;
  offline: boolean;
  /** On a phone every action is behind the dots. */
  narrow: boolean;
  problem: JobProblem | null;
  onAction: (action: Action, job: Job) => void;
}

/** One job. The title is a link that reaches over the whole row; the buttons lie above it. */
export function JobRow({ tenant, job, now, zone, actions, doing, offline, narrow, problem, onAction }: RowProps) {
  const [asked, setAsked] = useState(false);
  const all = actions.main ? [actions.main, ...actions.more] : actions.more;
  const asking = asked && all.includes('cancel');
  const title = useRef<HTMLAnchorElement>(null);
  const main = useRef<HTMLButtonElement>(null);
  const menu = useRef<HTMLButtonElement>(null);
  useFocusAfter(asking, () => (doing ? title.current : (main.current ?? menu.current ?? title.current)));

  const act = (action: Action) => (action === 'cancel' ? setAsked(true) : onAction(action, job));
  const start = started(job, zone, now);
  const size = sizes(job);
  const link = { to: '/t/$tenant/exports/$jobId', params: { tenant, jobId: job.jobId } } as const;
  return (
    <Table.Tr
      role="row"
      className={classes.row ?? ''}
      data-running={isRunning(job) || undefined}
      data-asking={asking || undefined}
    >
      <Table.Td role="cell" className={cell('status')}>
        <StatusMark status={job.status} />
      </Table.Td>
      <Table.Td role="cell" className={cell('what')}>
        <Link
          ref={title}
          className={classes.title}
          title={`${job.words}\n${secondLine(job, zone, now)}`}
          dir="auto"
          {...link}
        >
          {job.words}
        </Link>
        {problem ? (
          <ProblemLine className={classes.problem} problem={problem} tenant={tenant} />
        ) : (
          <SecondLine job={job} now={now} zone={zone} />
        )}
      </Table.Td>
      {asking ? (
        <Table.Td role="cell" colSpan={5} className={classes.asking ?? ''}>
          <CancelQuestion
            job={job}
            onKeep={() => setAsked(false)}
            onConfirm={() => {
              setAsked(false);
              onAction('cancel', job);
            }}
          />
        </Table.Td>
      ) : (
        <>
          <Table.Td role="cell" className={cell('who')}>
            <span className={classes.first} title={job.requestedBy}>
              {job.requestedBy}
            </span>
            <span className={classes.second}>
              {origins[job.origin].caption}
              {job.mode === 'sync' && ', streamed'}
            </span>
          </Table.Td>
          <Table.Td role="cell" className={cell('started')}>
            {/* Above the title's link, for its tooltip; a link of its own, so that the whole row still opens. */}
            <Link className={classes.time} tabIndex={-1} {...link}>
              <time
                dateTime={exactUtc(job.startedAt ?? job.createdAt)}
                title={exactUtc(job.startedAt ?? job.createdAt)}
              >
                {start.first}
              </time>
            </Link>
            <span className={classes.second}>{start.second}</span>
          </Table.Td>
          <Table.Td role="cell" className={cell('rows')}>
            {rows(job)}
          </Table.Td>
          <Table.Td role="cell" className={cell('size')} data-none={size.first === '–' || undefined}>
            <span className={size.second ? classes.first : undefined}>{size.first}</span>
            {size.second && <span className={classes.second}>{size.second}</span>}
          </Table.Td>
          <Table.Td role="cell" className={cell('actions')}>
            <div>
              {actions.main && !narrow && (
                <ActionButton
                  ref={main}
                  small
                  action={actions.main}
                  of={job.words}
                  busy={doing === actions.main}
                  disabled={offline || doing !== null}
                  onClick={() => actions.main && act(actions.main)}
                />
              )}
              <JobMenu
                ref={menu}
                withOpen
                tenant={tenant}
                job={job}
                actions={narrow ? all : actions.more}
                disabled={offline || doing !== null}
                onAction={act}
              />
            </div>
          </Table.Td>
        </>
      )}
    </Table.Tr>
  );
}

// A cell's place in the table, and its own look.
function cell(column: string): string {
  return `${columns[column] ?? ''} ${classes[column] ?? ''}`;
}
