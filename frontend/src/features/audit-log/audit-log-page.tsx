import { Button } from '@mantine/core';
import { IconDownload } from '@tabler/icons-react';
import { getRouteApi } from '@tanstack/react-router';
import { type AuditQuery, useAuditLog, useSaveAuditLog } from '@/shared/api/audit-log';
import { useReach } from '@/shared/api/reach';
import { counted } from '@/shared/ui/format';
import { Lede } from '@/shared/ui/lede';
import { Page } from '@/shared/ui/page';
import { EmptyState, ErrorState } from '@/shared/ui/states';
import { AuditFilter } from './audit-filter';
import classes from './audit-log.module.css';
import { AuditTable, AuditTableSkeleton } from './audit-table';
import { groups } from './words';

const route = getRouteApi('/t/$tenant/audit-log');

/** Who did what in the tenant, and who looked at whose data. What is chosen stands in the address. */
export function AuditLogPage() {
  const { tenant } = route.useParams();
  const { what = '', search = '', from = '', to = '' } = route.useSearch();
  const navigate = route.useNavigate();
  const query: AuditQuery = { kinds: groups[what]?.kinds ?? [], search, from, to };
  const list = useAuditLog(tenant, query);
  const save = useSaveAuditLog(tenant, query);
  const { offline } = useReach();
  const records = list.data?.pages.flatMap(({ results }) => results) ?? [];
  const chosen = Boolean(what || search || from || to);
  const clear = () => navigate({ search: {} });
  return (
    <Page
      title="Audit log"
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
        What was done here, and who looked at whose data; looks at the same thing by the same person are one line an
        hour. Nothing in it can be changed.
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
          title="The audit log could not be loaded"
          error={list.error}
          retrying={list.isFetching}
          onRetry={() => list.refetch()}
        />
      )}
      {list.data && records.length === 0 && (
        <EmptyState
          title={chosen ? 'Nothing matches' : 'Nothing was noted yet'}
          actions={chosen && <Button onClick={clear}>Clear</Button>}
        >
          {chosen
            ? 'No record is of that kind, with those words and of that time.'
            : 'What is done from now on stands here.'}
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
