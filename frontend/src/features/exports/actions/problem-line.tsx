import { Link } from '@tanstack/react-router';
import type { JobProblem } from './use-job-actions';

/**
 * ProblemLine says why an action failed. If another live job is the reason, it links to that job.
 */
export function ProblemLine({
  problem,
  tenant,
  className,
}: {
  problem: JobProblem;
  tenant: string;
  className?: string | undefined;
}) {
  return (
    <p role="alert" className={className}>
      {problem.message}{' '}
      {problem.liveJobId && (
        <Link to="/t/$tenant/exports/$jobId" params={{ tenant, jobId: problem.liveJobId }}>
          Show the running export
        </Link>
      )}
    </p>
  );
}
