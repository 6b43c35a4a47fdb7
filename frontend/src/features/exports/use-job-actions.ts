import { useRef, useState } from 'react';
import { ApiError, type Job } from '@/shared/api/client';
import { newKey, useCancelExport, useDownload, useManifest, useStartExport } from '@/shared/api/jobs';
import { useReach } from '@/shared/api/reach';
import type { Action } from './actions';
import { usersFile } from './lines';
import { manifestName, saveText } from './manifest';

/** Why something could not be done with a job. */
export interface JobProblem {
  jobId: string;
  message: string;
  /** The job that is live instead, where that is why. */
  liveJobId: string | null;
}

/** What a page does with jobs. */
export interface JobActions {
  /** Nothing can be done: the server is out of reach. */
  offline: boolean;
  /** What is being done with a job now. */
  doing: (jobId: string) => Action | null;
  problem: JobProblem | null;
  run: (action: Action, job: Job) => void;
}

/** Does things with jobs and remembers what went wrong last. `onStarted` is told of the job that running again made. */
export function useJobActions(tenant: string, onStarted?: (job: Job) => void): JobActions {
  const cancel = useCancelExport(tenant);
  const start = useStartExport(tenant);
  const download = useDownload(tenant);
  const manifest = useManifest(tenant);
  const { offline } = useReach();
  const [doing, setDoing] = useState<ReadonlyMap<string, Action>>(new Map());
  const [problem, setProblem] = useState<JobProblem | null>(null);
  // Kept until an answer has come, so that what is tried again after a broken connection starts nothing twice.
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
        return saveText(await manifest.mutateAsync(job.jobId), manifestName(usersFile(job)?.name ?? job.jobId));
      case 'run-again': {
        const idempotencyKey = startKeys.current.get(job.jobId) ?? newKey();
        startKeys.current.set(job.jobId, idempotencyKey);
        const made = await start.mutateAsync({ definition: job.definition, idempotencyKey });
        if (made) onStarted?.(made); // none where the admin chose no place to save
        return made;
      }
    }
  };
  const run = async (action: Action, job: Job) => {
    const { jobId } = job;
    if (offline || doing.has(jobId)) return;
    setProblem(null);
    setDoing((before) => new Map(before).set(jobId, action));
    try {
      await perform(action, job);
      startKeys.current.delete(jobId);
    } catch (error) {
      if (!(error instanceof ApiError) || error.status !== 0) startKeys.current.delete(jobId);
      setProblem(problemOf(jobId, error));
    } finally {
      setDoing((before) => new Map([...before].filter(([id]) => id !== jobId)));
    }
  };
  return {
    offline,
    doing: (jobId) => doing.get(jobId) ?? null,
    problem,
    run: (action, job) => void run(action, job),
  };
}

function problemOf(jobId: string, error: unknown): JobProblem {
  const answer = error instanceof ApiError ? error : undefined;
  const liveJobId = answer?.code === 'export_in_progress' ? (answer.problem.jobId ?? null) : null;
  return { jobId, message: answer?.message ?? 'Something broke in this page.', liveJobId };
}
