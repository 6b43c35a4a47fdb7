import { Link } from '@tanstack/react-router';
import type { JobProblem } from './use-job-actions';

/** Says what could not be done, and leads to the live job where that is the reason. */
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
