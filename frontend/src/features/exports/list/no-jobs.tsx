import { Button } from '@mantine/core';
import { Link } from '@tanstack/react-router';
import { useRole } from '@/api/me';
import { counted } from '@/shared/ui/format';
import { EmptyState } from '@/shared/ui/states';
import type { Show } from './status-filter';

interface Props {
  tenant: string;
  show: Show;
  /** The list shows only the admin's own jobs. */
  mine: boolean;
  /** How many loaded jobs the filter excluded. */
  searched: number;
  /** There are older jobs that are not loaded. */
  more: boolean;
  onShowAll: () => void;
}

const titles: Record<Show, string> = {
  all: 'No exports yet',
  live: 'No export is running',
  completed: 'No export has completed',
  failed: 'No export has failed',
};

/** NoJobs says why the list is empty and what to do next. */
export function NoJobs({ tenant, show, mine, searched, more, onShowAll }: Props) {
  const role = useRole(tenant);
  const toUsers = (
    <Button renderRoot={(props) => <Link {...props} to="/t/$tenant/users" params={{ tenant }} />}>Go to users</Button>
  );
  if (searched > 0) {
    return (
      <EmptyState
        picture="unmatched"
        title={titles[show]}
        actions={<Button onClick={onShowAll}>Show all exports</Button>}
      >
        {more
          ? `The newest ${counted(searched, 'export')} do not match. There are older exports.`
          : 'Exports with another status are hidden.'}
      </EmptyState>
    );
  }
  if (mine) {
    return (
      <EmptyState
        title="You have not exported anything here"
        actions={
          <>
            {toUsers}
            <Button variant="subtle" onClick={onShowAll}>
              Show everyone’s
            </Button>
          </>
        }
      >
        Choose the users, then press the download icon.
      </EmptyState>
    );
  }
  return (
    <EmptyState title={titles.all} actions={toUsers}>
      {role === 'viewer'
        ? 'Exporters and owners start exports on the Users screen. Their exports are listed here.'
        : 'Choose the users on the Users screen and press the download icon. The file and its receipt appear here.'}
    </EmptyState>
  );
}
