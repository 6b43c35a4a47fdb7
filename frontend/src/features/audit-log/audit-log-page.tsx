import { Button } from '@mantine/core';
import { IconDownload } from '@tabler/icons-react';
import { getRouteApi } from '@tanstack/react-router';
import { useAuditLog, useSaveAuditLog } from '@/api/audit-log';
import { tenantName, useMe, useRole } from '@/api/me';
import { useReach } from '@/api/reach';
import { counted } from '@/shared/ui/format';
import { Lede } from '@/shared/ui/lede';
import { Page } from '@/shared/ui/page';
import { EmptyState, ErrorState } from '@/shared/ui/states';
import { AuditFilter } from './audit-filter';
import classes from './audit-log.module.css';
import { AuditTable, AuditTableSkeleton } from './audit-table';
import { askedRecords } from './load-audit-log';

export { loadAuditLog } from './load-audit-log';

const route = getRouteApi('/t/$tenant/audit-log');

/** The audit log, for owners. */
export function AuditLogPage() {
  const { tenant } = route.useParams();
  const name = tenantName(useMe().data, tenant);
  if (useRole(tenant) === 'owner') return <AuditLog tenant={tenant} />;
  return (
    <Page title="Activity">
      <EmptyState picture="barred" title="Owners see the activity">
        Ask an owner of {name} to look something up, or for the role owner.
      </EmptyState>
    </Page>
  );
}

/** Who did what in the tenant, and who viewed whose data. The address contains the filter. */
function AuditLog({ tenant }: { tenant: string }) {
  const address = route.useSearch();
  const { what = '', search = '', from = '', to = '' } = address;
  const navigate = route.useNavigate();
  const query = askedRecords(address);
  const list = useAuditLog(tenant, query);
  const save = useSaveAuditLog(tenant, query);
  const { offline } = useReach();
  const records = list.data?.pages.flatMap(({ results }) => results) ?? [];
  const chosen = Boolean(what || search || from || to);
  const clear = () => navigate({ search: {} });
  return (
    <Page
      title="Activity"
      actions={
        <Button
          leftSection={<IconDownload size={16} stroke={1.75} aria-hidden />}
          loading={save.isPending}
          disabled={offline}
          onClick={() => save.mutate()}
        >
          Save as CSV
        </Button>
      }
    >
      <Lede>
        Every change in this tenant, and every access to user data. Repeated access to the same data by one person is
        one record per hour. Records cannot be changed.
      </Lede>
      {save.error && (
        <p role="alert" className={classes.problem}>
          {save.error.message}
        </p>
      )}
      <AuditFilter
        value={{ what, search, from, to }}
        onChange={(next, replace) => navigate({ search: (now) => ({ ...now, ...next }), replace })}
        onClear={chosen ? clear : null}
      />
      {list.isPending && <AuditTableSkeleton />}
      {!list.data && list.isError && (
        <ErrorState
          title="The activity could not be loaded"
          error={list.error}
          retrying={list.isFetching}
          onRetry={() => list.refetch()}
        />
      )}
      {list.data && records.length === 0 && (
        <EmptyState
          title={chosen ? 'No matching records' : 'No activity yet'}
          actions={chosen && <Button onClick={clear}>Clear</Button>}
        >
          {chosen ? 'Change the filter, or clear it.' : 'Actions in this tenant appear here.'}
        </EmptyState>
      )}
      {records.length > 0 && (
        <>
          <AuditTable tenant={tenant} records={records} />
          <div className={classes.more}>
            {list.hasNextPage && (
              <Button loading={list.isFetchingNextPage} onClick={() => list.fetchNextPage()}>
                Show more
              </Button>
            )}
            <span role="status">
              {list.isFetchNextPageError ? list.error.message : `The newest ${counted(records.length, 'record')}`}
            </span>
          </div>
        </>
      )}
    </Page>
  );
}
