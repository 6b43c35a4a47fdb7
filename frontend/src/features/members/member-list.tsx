import type { Admin } from '@/api/client';
import { useMe } from '@/api/me';
import { useMembers } from '@/api/members';
import { Lede } from '@/shared/ui/lede';
import { type ListColumn, ListTable } from '@/shared/ui/list-table';
import { WholeList } from '@/shared/ui/whole-list';
import { MemberRow } from './member-row';
import classes from './member-table.module.css';

const columns: ListColumn[] = [
  { name: 'who', head: 'Member' },
  { name: 'role', head: 'Role' },
  { name: 'factor', head: 'Second factor' },
  { name: 'actions', head: 'Actions', unseen: true },
];
const table = { label: 'Members', columns, classes };

interface Props {
  tenant: string;
  /** Shows a member's sessions. */
  onSessions: (member: Admin) => void;
}

/** The members of the tenant, by email address. */
export function MemberList({ tenant, onSessions }: Props) {
  const me = useMe().data?.user_id;
  return (
    <>
      <Lede>
        The people who work in this tenant. Changes take effect immediately, also in open tabs and for API keys, and are
        recorded in the activity.
      </Lede>
      <WholeList
        {...table}
        list={useMembers(tenant)}
        one="member"
        empty={null} // never empty: the owner is a member
      >
        {(members) => (
          <ListTable {...table}>
            {members.map((member) => (
              <MemberRow
                key={member.user_id}
                tenant={tenant}
                member={member}
                own={member.user_id === me}
                onSessions={() => onSessions(member)}
              />
            ))}
          </ListTable>
        )}
      </WholeList>
    </>
  );
}
