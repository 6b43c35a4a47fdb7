import { Button, Skeleton } from '@mantine/core';
import { IconArrowLeft } from '@tabler/icons-react';
import { getRouteApi, Link } from '@tanstack/react-router';
import { tenantName, useMe, useRole } from '@/api/me';
import { useOutbox } from '@/api/outbox';
import { counted } from '@/shared/ui/format';
import { Page } from '@/shared/ui/page';
import { EmptyState, ErrorState } from '@/shared/ui/states';
import { MailList } from './mail-list';
import { MailView } from './mail-view';
import classes from './outbox.module.css';

export { loadOutbox } from './load-outbox';

const route = getRouteApi('/t/$tenant/outbox');

/** The emails that were stored instead of sent: a list, and the chosen email. */
export function OutboxPage() {
  const { tenant } = route.useParams();
  const { mail = '' } = route.useSearch();
  return (
    <Page title="Outbox">
      <Outbox tenant={tenant} chosen={mail} />
    </Page>
  );
}

/** The content of the page for a chosen email; "" for the newest. */
export function Outbox({ tenant, chosen }: { tenant: string; chosen: string }) {
  const me = useMe().data;
  if (useRole(tenant) !== 'viewer') return <Mails tenant={tenant} chosen={chosen} />;
  return (
    <EmptyState picture="barred" title="Exporters and owners get emails">
      Emails are about exports, which viewers cannot start. Ask an owner of {tenantName(me, tenant)} for the role
      exporter.
    </EmptyState>
  );
}

function Mails({ tenant, chosen }: { tenant: string; chosen: string }) {
  const me = useMe().data;
  const owner = useRole(tenant) === 'owner';
  const list = useOutbox(tenant, me?.outbox ?? false);
  const mails = list.data?.pages.flatMap(({ results }) => results) ?? [];
  const shown = chosen || mails[0]?.mailId;
  const toExports = (
    <Button renderRoot={(props) => <Link {...props} to="/t/$tenant/exports" params={{ tenant }} />}>
      Go to exports
    </Button>
  );
  return (
    <>
      <p className={classes.lede}>
        No mail server is set up, so emails are kept here and not sent.{' '}
        {owner && 'As an owner, you see the emails of all members.'}
      </p>
      {me && !me.outbox && (
        <EmptyState title="Emails are sent" actions={toExports}>
          A mail server is set up, so nothing is kept here. Each export shows the status of its email.
        </EmptyState>
      )}
      {me?.outbox && list.isPending && (
        <div role="status" aria-label="Loading the outbox" className={classes.columns}>
          <Skeleton height={180} radius="md" />
          <Skeleton height={420} radius="md" />
        </div>
      )}
      {!list.data && list.isError && (
        <ErrorState
          title="The outbox could not be loaded"
          error={list.error}
          retrying={list.isFetching}
          onRetry={() => list.refetch()}
        />
      )}
      {list.data && mails.length === 0 && (
        <EmptyState title="No emails yet" actions={toExports}>
          Emails about the exports that you start appear here.
        </EmptyState>
      )}
      {shown && mails.length > 0 && (
        <div className={classes.columns} data-chosen={chosen !== '' || undefined}>
          <div className={classes.mails}>
            <MailList tenant={tenant} mails={mails} chosen={shown} />
            {list.hasNextPage && (
              <div className={classes.more}>
                <Button loading={list.isFetchingNextPage} onClick={() => list.fetchNextPage()}>
                  Show more
                </Button>
                <span role="status">
                  {list.isFetchNextPageError ? list.error.message : `The newest ${counted(mails.length, 'email')}`}
                </span>
              </div>
            )}
          </div>
          <div className={classes.view}>
            <Link to="/t/$tenant/outbox" params={{ tenant }} className={classes.back}>
              <IconArrowLeft size={16} stroke={1.75} aria-hidden /> All emails
            </Link>
            <MailView key={shown} tenant={tenant} mailId={shown} />
          </div>
        </div>
      )}
    </>
  );
}
