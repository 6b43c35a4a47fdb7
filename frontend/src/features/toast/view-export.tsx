import { Link } from '@tanstack/react-router';
import classes from './toast.module.css';

/** ViewExport links to the job's page. */
export function ViewExport({ tenant, jobId }: { tenant: string; jobId: string }) {
  return (
    <Link className={classes.view} to="/t/$tenant/exports/$jobId" params={{ tenant, jobId }}>
      View export
    </Link>
  );
}
