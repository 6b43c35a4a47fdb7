import { Skeleton } from '@mantine/core';
import classes from './job-page.module.css';

/** The page while the job is loaded: its final measures, without words. */
export function JobPageSkeleton() {
  return (
    <div className={classes.detail} role="status" aria-label="Loading the export">
      <div className={classes.main}>
        <Skeleton height={182} radius="md" />
        <Skeleton height={92} radius="md" />
      </div>
      <Skeleton height={240} radius="md" />
    </div>
  );
}
