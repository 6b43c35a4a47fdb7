import { Link } from '@tanstack/react-router';
import type { Toast } from './toast';
import classes from './toast.module.css';

/** ViewExport links to the job's page. */
export function ViewExport({ toast: { tenant, job, subject } }: { toast: Toast }) {
  return (
    <Link
      className={classes.view}
      aria-label={`View export: ${subject}`}
      to="/t/$tenant/exports/$jobId"
      params={{ tenant, jobId: job.jobId }}
    >
      View export
    </Link>
  );
}
