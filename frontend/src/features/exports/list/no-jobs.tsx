import { Button } from '@mantine/core';
import { Link } from '@tanstack/react-router';
import { useRole } from '@/api/me';
import { EmptyState } from '@/shared/ui/states';
import { everyStatus, type StatusChoice } from './status-filter';

interface Props {
  tenant: string;
  choice: StatusChoice;
  /** The list shows only the admin's own jobs, without another filter. */
  mine: boolean;
  /** The list shows only some jobs. */
  filtered: boolean;
  onShowAll: () => void;
}

/** NoJobs says why the list is empty and what to do next. */
export function NoJobs({ tenant, choice, mine, filtered, onShowAll }: Props) {
  const role = useRole(tenant);
  const toUsers = (
    <Button renderRoot={(props) => <Link {...props} to="/t/$tenant/users" params={{ tenant }} />}>Go to users</Button>
  );
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
  if (filtered) {
    return (
      <EmptyState
        picture="unmatched"
        title={choice === everyStatus ? 'No matching exports' : choice.none}
        actions={<Button onClick={onShowAll}>Show all exports</Button>}
      >
        Change the filter, or clear it.
      </EmptyState>
    );
  }
  return (
    <EmptyState title={everyStatus.none} actions={toUsers}>
      {role === 'viewer'
        ? 'Exporters and owners start exports on the Users screen. Their exports are listed here.'
        : 'Choose the users on the Users screen and press the download icon. The file and its receipt appear here.'}
    </EmptyState>
  );
}
