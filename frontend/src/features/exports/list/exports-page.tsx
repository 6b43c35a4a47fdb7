import { Button, SegmentedControl, Select } from '@mantine/core';
import { IconChevronDown } from '@tabler/icons-react';
import { getRouteApi } from '@tanstack/react-router';
import { useMemo } from 'react';
import { useRetention } from '@/api/me';
import { useJobs } from '@/jobs/queries';
import { counted, keptFor, zoneName } from '@/shared/ui/format';
import { Page } from '@/shared/ui/page';
import { StaleLine } from '@/shared/ui/stale-line';
import { ErrorState } from '@/shared/ui/states';
import { useTimeZone } from '@/shared/ui/time';
import classes from './exports-page.module.css';
import { JobList } from './job-list';
import { JobTableSkeleton } from './job-table';
import { NoJobs } from './no-jobs';
import { filterJobs, parseShow, showChoices } from './status-filter';

const route = getRouteApi('/t/$tenant/exports');

/** ExportsPage lists the exports of a tenant, live and ended. */
export function ExportsPage() {
  const { tenant } = route.useParams();
  const search = route.useSearch();
  const navigate = route.useNavigate();
  const show = parseShow(search.status);
  const requester = search.requester === 'me' ? 'me' : 'all';
  const list = useJobs(tenant, requester);
  const jobs = useMemo(() => list.data?.pages.flatMap(({ results }) => results) ?? [], [list.data]);
  const zone = useTimeZone();
  const kept = useRetention(tenant);

  return (
    <Page
      title="Exports"
      actions={
        <>
          <SegmentedControl
            aria-label="Show"
            withItemsBorders={false}
            data={[...showChoices]}
            value={show}
            onChange={(value) =>
              navigate({ search: { ...search, status: value === 'all' ? '' : value }, replace: true })
            }
          />
          <Select
            aria-label="Requested by"
            className={classes.requester ?? ''}
            data={[
              { value: 'all', label: 'Everyone' },
              { value: 'me', label: 'Only me' },
            ]}
            value={requester}
            allowDeselect={false}
            rightSection={<IconChevronDown size={15} stroke={1.75} aria-hidden />}
            onChange={(value) =>
              navigate({ search: { ...search, requester: value === 'me' ? value : '' }, replace: true })
            }
          />
        </>
      }
    >
      <p className={classes.lede}>
        {kept ? `Files are kept for ${keptFor(kept)}.` : 'Files are deleted after some time.'} Receipts are kept.{' '}
        <span>Times in {zoneName(zone)}</span>
      </p>
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
        <>
          <JobList tenant={tenant} jobs={filterJobs(jobs, show)} zone={zone} />
          {filterJobs(jobs, show).length === 0 && (
            <NoJobs
              tenant={tenant}
              show={show}
              mine={requester === 'me'}
              searched={jobs.length}
              more={list.hasNextPage}
              onShowAll={() => navigate({ search: {} })}
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
        </>
      )}
    </Page>
  );
}
