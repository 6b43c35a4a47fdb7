import { useAdmins } from '@/shared/api/admins';
import type { Admin } from '@/shared/api/client';
import { useMe } from '@/shared/api/me';
import { Lede } from '@/shared/ui/lede';
import { type ListColumn, ListTable } from '@/shared/ui/list-table';
import { WholeList } from '@/shared/ui/whole-list';
import { AdminRow } from './admin-row';
import classes from './admin-table.module.css';

const columns: ListColumn[] = [
  { name: 'who', head: 'Admin' },
  { name: 'role', head: 'Role' },
  { name: 'made', head: 'Account made' },
  { name: 'actions', head: 'Actions', unseen: true },
];
const table = { label: 'Admins', columns, classes };

interface Props {
  tenant: string;
  /** Asks for a new link for who was invited. */
  onInvite: (again: Admin) => void;
}

/** Who has a role in the tenant, by e-mail address. */
export function AdminList({ tenant, onInvite }: Props) {
  const me = useMe().data?.user_id;
  return (
    <>
      <Lede>
        Who may work in this tenant. A change holds at once, for their open tabs and their key pairs too, and stands in
        the audit log.
      </Lede>
      <WholeList
        {...table}
        list={useAdmins(tenant)}
        one="admin"
        empty={null} // who looks is in it
      >
        {(admins) => (
          <ListTable {...table}>
            {admins.map((admin) => (
              <AdminRow
                key={admin.user_id}
                tenant={tenant}
                admin={admin}
                own={admin.user_id === me}
                onInvite={() => onInvite(admin)}
              />
            ))}
          </ListTable>
        )}
      </WholeList>
    </>
  );
}
