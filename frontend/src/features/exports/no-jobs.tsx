import { Button } from '@mantine/core';
import { Link } from '@tanstack/react-router';
import { useRole } from '@/shared/api/me';
import { counted } from '@/shared/ui/format';
import { EmptyState } from '@/shared/ui/states';
import type { Show } from './show';

interface Props {
  tenant: string;
  show: Show;
  /** Only one's own were asked for. */
  mine: boolean;
  /** How many jobs were looked through. */
  searched: number;
  /** There are older ones that were not. */
  more: boolean;
  onShowAll: () => void;
}

const titles: Record<Show, string> = {
  all: 'No exports yet',
  live: 'No export is running',
  completed: 'No export has completed',
  failed: 'No export has failed',
};

/** The list without a job: why, and the next step. */
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
          ? `None of the newest ${counted(searched, 'export')} is one. There are older ones.`
          : 'All others are still there.'}
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
        Choose the users, then press the download icon beside them.
      </EmptyState>
    );
  }
  return (
    <EmptyState title={titles.all} actions={toUsers}>
      {role === 'viewer'
        ? 'An exporter or an owner starts one on the Users screen. You will see here that it was made.'
        : 'Choose the users on the Users screen and press the download icon. The file and its receipt will be here.'}
    </EmptyState>
  );
}
