import { Button } from '@mantine/core';
import { useKeyPairs } from '@/shared/api/key-pairs';
import { useRole } from '@/shared/api/me';
import { Lede } from '@/shared/ui/lede';
import { type ListColumn, ListTable } from '@/shared/ui/list-table';
import { EmptyState } from '@/shared/ui/states';
import { WholeList } from '@/shared/ui/whole-list';
import { KeyRow } from './key-row';
import classes from './key-table.module.css';

const admin: ListColumn = { name: 'admin', head: 'Admin' };
// Owners see everyone's, and whose each is.
const columnsOf = (whose: boolean): ListColumn[] => [
  { name: 'note', head: 'What for' },
  { name: 'access', head: 'Access key' },
  ...(whose ? [admin] : []),
  { name: 'made', head: 'Made' },
  { name: 'used', head: 'Last used' },
  { name: 'actions', head: 'Actions', unseen: true },
];

/** What key pairs are for, and those that there are, newest first. */
export function KeyList({ tenant, onNew }: { tenant: string; onNew: () => void }) {
  const owner = useRole(tenant) === 'owner';
  const table = { label: 'Key pairs', columns: columnsOf(owner), classes };
  return (
    <>
      <Lede>
        Programs sign their requests with a key pair, with the rights that its admin has in this tenant; the{' '}
        <a href="/docs/api/">API reference</a> says how. {owner && 'As an owner you see everyone’s.'}
      </Lede>
      <WholeList
        {...table}
        list={useKeyPairs(tenant)}
        one="key pair"
        empty={
          <EmptyState title="No key pairs yet" actions={<Button onClick={onNew}>Make the first one</Button>}>
            Make one for each program, so that each can be revoked without the others.
          </EmptyState>
        }
      >
        {(pairs) => (
          <ListTable {...table}>
            {pairs.map((pair) => (
              <KeyRow key={pair.access_key} tenant={tenant} pair={pair} whose={owner} />
            ))}
          </ListTable>
        )}
      </WholeList>
    </>
  );
}
