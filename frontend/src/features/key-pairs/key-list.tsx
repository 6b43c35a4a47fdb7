import { Button } from '@mantine/core';
import { useKeyPairs } from '@/api/key-pairs';
import { useRole } from '@/api/me';
import { Lede } from '@/shared/ui/lede';
import { type ListColumn, ListTable } from '@/shared/ui/list-table';
import { EmptyState } from '@/shared/ui/states';
import { WholeList } from '@/shared/ui/whole-list';
import { KeyRow } from './key-row';
import classes from './key-table.module.css';

const admin: ListColumn = { name: 'admin', head: 'Admin' };
// Owners see the key pairs of all members, with a column for the admin.
const columnsOf = (showAdmin: boolean): ListColumn[] => [
  { name: 'note', head: 'Note' },
  { name: 'access', head: 'Access key' },
  ...(showAdmin ? [admin] : []),
  { name: 'made', head: 'Created' },
  { name: 'used', head: 'Last used' },
  { name: 'actions', head: 'Actions', unseen: true },
];

/** Explains key pairs, and lists them, newest first. */
export function KeyList({ tenant, onNew }: { tenant: string; onNew: () => void }) {
  const owner = useRole(tenant) === 'owner';
  const pairs = useKeyPairs(tenant);
  const table = { label: 'API keys', columns: columnsOf(owner), classes };
  return (
    <>
      <Lede times={pairs.data?.length !== 0}>
        Programs sign their requests with an API key. It has the rights of its admin in this tenant. The{' '}
        <a href="/docs/api/">API reference</a> explains how.{' '}
        {owner && 'As an owner, you see the API keys of all members.'}
      </Lede>
      <WholeList
        {...table}
        list={pairs}
        one="API key"
        empty={
          <EmptyState title="No API keys yet" actions={<Button onClick={onNew}>Create an API key</Button>}>
            Create one for each program, so that you can revoke each on its own.
          </EmptyState>
        }
      >
        {(shown) => (
          <ListTable {...table}>
            {shown.map((pair) => (
              <KeyRow key={pair.access_key} tenant={tenant} pair={pair} owner={owner} />
            ))}
          </ListTable>
        )}
      </WholeList>
    </>
  );
}
