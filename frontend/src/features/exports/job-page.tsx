import { Button } from '@mantine/core';
import { getRouteApi, Link } from '@tanstack/react-router';
import { isNotFound } from '@/shared/api/client';
import { useJob } from '@/shared/api/jobs';
import { Page } from '@/shared/ui/page';
import { StaleLine } from '@/shared/ui/stale-line';
import { ErrorState } from '@/shared/ui/states';
import { Breadcrumb } from './breadcrumb';
import { JobDetail } from './job-detail';
import { JobPageSkeleton } from './job-page-skeleton';

const route = getRouteApi('/t/$tenant/exports/$jobId');

/** One export: its receipt, what was asked for, and what happened. */
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
        {/* Another job is another page: what was asked or went wrong with this one stays with it. */}
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
          title={missing ? 'There is no such export' : 'The export could not be loaded'}
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
