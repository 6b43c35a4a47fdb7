import { IconChevronRight } from '@tabler/icons-react';
import { Link } from '@tanstack/react-router';
import classes from './job-head.module.css';

const idLength = 12; // characters of an id that tell jobs apart for a reader

/** Breadcrumb links back to the list. */
export function Breadcrumb({ tenant, jobId }: { tenant: string; jobId: string }) {
  return (
    <nav className={classes.crumb} aria-label="Breadcrumb">
      <Link to="/t/$tenant/exports" params={{ tenant }}>
        Exports
      </Link>
      <IconChevronRight size={16} stroke={1.75} aria-hidden />
      <code title={jobId} aria-current="page">
        {jobId.slice(0, idLength)}
      </code>
    </nav>
  );
}
