import { Button, Skeleton } from '@mantine/core';
import { getRouteApi, Link } from '@tanstack/react-router';
import { isNotFound } from '@/api/client';
import { useJob } from '@/jobs/queries';
import { Page } from '@/shared/ui/page';
import { StaleLine } from '@/shared/ui/stale-line';
import { ErrorState } from '@/shared/ui/states';
import { Breadcrumb } from './breadcrumb';
import { JobDetail } from './job-detail';
import classes from './job-page.module.css';

export { loadJob } from './load-job';

const route = getRouteApi('/t/$tenant/exports/$jobId');

/** JobPage loads one export and shows it. */
export function JobPage() {
  const { tenant, jobId } = route.useParams();
  const navigate = route.useNavigate();
  const job = useJob(tenant, jobId);
  if (job.data) {
    return (
      <>
        {job.isRefetchError && (
          <StaleLine at={job.dataUpdatedAt} error={job.error} retrying={job.isFetching} onRetry={() => job.refetch()} />
        )}
        {/* The key resets open questions and problems when another job is shown. */}
        <JobDetail
          key={jobId}
          tenant={tenant}
          job={job.data}
          onStarted={(made) => navigate({ to: '/t/$tenant/exports/$jobId', params: { tenant, jobId: made.jobId } })}
        />
      </>
    );
  }
  const missing = isNotFound(job.error);
  return (
    <Page title="Export" before={<Breadcrumb tenant={tenant} jobId={jobId} />}>
      {job.isError ? (
        <ErrorState
          title={missing ? 'Export not found' : 'The export could not be loaded'}
          error={job.error}
          retrying={job.isFetching}
          {...(!missing && { onRetry: () => job.refetch() })}
          actions={
            <Button
              variant={missing ? 'default' : 'subtle'}
              renderRoot={(props) => <Link {...props} to="/t/$tenant/exports" params={{ tenant }} />}
            >
              Back to exports
            </Button>
          }
        />
      ) : (
        <JobPageSkeleton />
      )}
    </Page>
  );
}

// The page while the job loads, in its final size.
function JobPageSkeleton() {
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
