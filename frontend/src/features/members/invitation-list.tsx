import type { PendingInvitation } from '@/api/client';
import { usePendingInvitations } from '@/api/members';
import { counted } from '@/shared/ui/format';
import { type ListColumn, ListTable } from '@/shared/ui/list-table';
import { useFocusAfterFewer } from '@/shared/ui/whole-list';
import { InvitationRow } from './invitation-row';
import classes from './invitation-table.module.css';

const columns: ListColumn[] = [
  { name: 'who', head: 'Address' },
  { name: 'role', head: 'Role' },
  { name: 'invited', head: 'Invited' },
  { name: 'actions', head: 'Actions', unseen: true },
];
const label = 'Pending invitations';

interface Props {
  tenant: string;
  /** Opens the dialog that creates a new link for an invitation. */
  onAgain: (invitation: PendingInvitation) => void;
}

/** The pending invitations, newest first. The list of members shows their loading error. */
export function InvitationList({ tenant, onAgain }: Props) {
  const invitations = usePendingInvitations(tenant).data;
  const place = useFocusAfterFewer(invitations?.length ?? 0);
  if (!invitations) return null;
  return (
    <section ref={place} tabIndex={-1} className={classes.list} aria-label={label}>
      <h2>{label}</h2>
      {invitations.length === 0 ? (
        <p className={classes.none}>None. Invite a member, and the invitation is listed here until it is accepted.</p>
      ) : (
        <>
          <p role="status" className="unseen">
            {counted(invitations.length, 'pending invitation')}
          </p>
          <ListTable label={label} columns={columns} classes={classes}>
            {invitations.map((invitation) => (
              <InvitationRow
                key={invitation.id}
                tenant={tenant}
                invitation={invitation}
                onAgain={() => onAgain(invitation)}
              />
            ))}
          </ListTable>
        </>
      )}
    </section>
  );
}
