import { useRef, useState } from 'react';
import { ApiError, type Job } from '@/api/client';
import { useReach } from '@/api/reach';
import { newKey, useCancelExport, useStartExport } from '@/downloads/queries';
import { useDownload, useManifest } from '@/jobs/queries';
import { saveText } from '@/shared/ui/save-text';
import { usersFile } from '../text/job-text';
import { manifestName } from '../text/receipt-text';
import { type Action, eventsAlone } from './actions';

/** Why an action on a job failed. */
export interface JobProblem {
  jobId: string;
  message: string;
  /** The live job that blocks a new one; null for every other reason. */
  liveJobId: string | null;
}

/** The state of a page's actions on jobs, and the function that runs one. */
export interface JobActions {
  /** The server cannot be reached, so no action can run. */
  offline: boolean;
  /** The action that runs on a job now. */
  running: (jobId: string) => Action | null;
  problem: JobProblem | null;
  run: (action: Action, job: Job) => void;
}

/**
 * useJobActions runs actions on jobs and keeps the last problem. `onStarted` receives the job that
 * "Run again" created.
 */
export function useJobActions(tenant: string, onStarted?: (job: Job) => void): JobActions {
  const cancel = useCancelExport(tenant);
  const start = useStartExport(tenant);
  const download = useDownload(tenant);
  const manifest = useManifest(tenant);
  const { offline } = useReach();
  const [running, setRunning] = useState<ReadonlyMap<string, Action>>(new Map());
  const [problem, setProblem] = useState<JobProblem | null>(null);
  // Each idempotency key is kept until an answer arrives, so a retry after a broken connection
  // starts no second job.
  const startKeys = useRef(new Map<string, string>());

  const perform = async (action: Action, job: Job) => {
    switch (action) {
      case 'cancel':
        return cancel.mutateAsync(job.jobId);
      case 'download':
        return download.mutateAsync({ jobId: job.jobId });
      case 'download-events':
        return download.mutateAsync({ jobId: job.jobId, kind: 'state_events' });
      case 'save-manifest':
        return saveText(
          await manifest.mutateAsync(job.jobId),
          manifestName(usersFile(job)?.name ?? job.jobId),
          'application/json',
        );
      case 'run-again':
      case 'run-events-again': {
        const name = `${action} ${job.jobId}`;
        const idempotencyKey = startKeys.current.get(name) ?? newKey();
        startKeys.current.set(name, idempotencyKey);
        const definition = action === 'run-again' ? job.definition : eventsAlone(job);
        const made = await start.mutateAsync({ definition, idempotencyKey });
        if (made) onStarted?.(made); // null: the admin closed the save dialog
        return made;
      }
    }
  };
  const run = async (action: Action, job: Job) => {
    const { jobId } = job;
    if (offline || running.has(jobId)) return;
    setProblem(null);
    setRunning((before) => new Map(before).set(jobId, action));
    try {
      await perform(action, job);
      startKeys.current.delete(`${action} ${jobId}`);
    } catch (error) {
      if (!(error instanceof ApiError) || error.status !== 0) startKeys.current.delete(`${action} ${jobId}`);
      setProblem(problemOf(jobId, error));
    } finally {
      setRunning((before) => new Map([...before].filter(([id]) => id !== jobId)));
    }
  };
  return {
    offline,
    running: (jobId) => running.get(jobId) ?? null,
    problem,
    run: (action, job) => void run(action, job),
  };
}

function problemOf(jobId: string, error: unknown): JobProblem {
  const answer = error instanceof ApiError ? error : undefined;
  const liveJobId = answer?.code === 'export_in_progress' ? (answer.problem.jobId ?? null) : null;
  return { jobId, message: answer?.message ?? 'Something broke in this page.', liveJobId };
}
