import { Button } from '@mantine/core';
import { getRouteApi } from '@tanstack/react-router';
import { useMemo } from 'react';
import { useRetention } from '@/api/me';
import { useJobs } from '@/jobs/queries';
import { counted, keptFor, zoneName } from '@/shared/ui/format';
import { Page } from '@/shared/ui/page';
import { StaleLine } from '@/shared/ui/stale-line';
import { ErrorState } from '@/shared/ui/states';
import { useTimeZone } from '@/shared/ui/time';
import { ExportDays } from './export-days';
import { ExportsFilter } from './exports-filter';
import classes from './exports-page.module.css';
import { JobList } from './job-list';
import { JobTableSkeleton } from './job-table';
import { askedJobs } from './load-exports';
import { NoJobs } from './no-jobs';
import { StatusControl } from './status-control';
import { everyStatus, parseStatus } from './status-filter';

export { loadExports } from './load-exports';

const route = getRouteApi('/t/$tenant/exports');

/** ExportsPage lists the exports of a tenant, live and ended. The address contains the filter. */
export function ExportsPage() {
  const { tenant } = route.useParams();
  const address = route.useSearch();
  const { search = '', from = '', to = '' } = address;
  const navigate = route.useNavigate();
  const choice = parseStatus(address.status);
  const zone = useTimeZone();
  const { requester, filter } = askedJobs(address);
  const list = useJobs(tenant, requester, filter);
  const jobs = useMemo(() => list.data?.pages.flatMap(({ results }) => results) ?? [], [list.data]);
  const requesters = [...new Set(jobs.map(({ requestedBy }) => requestedBy))].sort();
  const kept = useRetention(tenant);
  const change = (next: Record<string, string>, replace: boolean) =>
    navigate({ search: (now) => ({ ...now, ...next }), replace });
  const clear = () => navigate({ search: {} });

  return (
    <Page
      title="Exports"
      actions={
        <StatusControl
          value={choice}
          onChange={(value) => change({ status: value === everyStatus.value ? '' : value }, true)}
        />
      }
    >
      <p className={classes.lede}>
        {kept ? `Files are kept for ${keptFor(kept)}.` : 'Files are deleted after some time.'} Receipts are kept.{' '}
        <span>Times in {zoneName(zone)}</span>
      </p>
      <ExportDays
        tenant={tenant}
        zone={zone}
        day={from && from === to ? from : ''}
        onDay={(day) => change({ from: day, to: day }, false)}
      />
      <ExportsFilter
        value={{ search, requester, from, to }}
        requesters={requesters}
        onChange={({ requester: by, ...next }, replace) =>
          change({ ...next, ...(by !== undefined && { requester: by === 'all' ? '' : by }) }, replace)
        }
        onClear={filter || requester !== 'all' ? clear : null}
      />
      {list.data && list.isRefetchError && (
        <StaleLine
          at={list.dataUpdatedAt}
          error={list.error}
          retrying={list.isRefetching}
          onRetry={() => list.refetch()}
        />
      )}
      {list.isPending && <JobTableSkeleton />}
      {!list.data && list.isError && (
        <ErrorState
          title="The exports could not be loaded"
          error={list.error}
          retrying={list.isFetching}
          onRetry={() => list.refetch()}
        />
      )}
      {list.data && (
        <div aria-busy={list.isPlaceholderData || undefined}>
          <JobList tenant={tenant} jobs={jobs} zone={zone} />
          {jobs.length === 0 && !list.isPlaceholderData && (
            <NoJobs
              tenant={tenant}
              choice={choice}
              mine={requester === 'me' && !filter}
              filtered={filter !== undefined || requester !== 'all'}
              onShowAll={clear}
            />
          )}
          {list.hasNextPage && (
            <div className={classes.more}>
              <Button loading={list.isFetchingNextPage} onClick={() => list.fetchNextPage()}>
                Show more
              </Button>
              <span role="status">
                {list.isFetchNextPageError ? list.error.message : `The newest ${counted(jobs.length, 'export')}`}
              </span>
            </div>
          )}
        </div>
      )}
    </Page>
  );
}
