import type { KeyPair } from '@/shared/api/client';
import { type ListColumn, ListSkeleton, ListTable } from '@/shared/ui/list-table';
import { KeyRow } from './key-row';
import classes from './key-table.module.css';

const admin: ListColumn = { name: 'admin', head: 'Admin' };
const columnsOf = (whose: boolean): ListColumn[] => [
  { name: 'note', head: 'What for' },
  { name: 'access', head: 'Access key' },
  ...(whose ? [admin] : []),
  { name: 'made', head: 'Made' },
  { name: 'used', head: 'Last used' },
  { name: 'actions', head: 'Actions', unseen: true },
];

interface Props {
  tenant: string;
  pairs: readonly KeyPair[];
  /** Owners see everyone's, and whose each is. */
  whose: boolean;
}

/** The key pairs, newest first. */
export function KeyTable({ tenant, pairs, whose }: Props) {
  return (
    <ListTable label="Key pairs" columns={columnsOf(whose)} classes={classes}>
      {pairs.map((pair) => (
        <KeyRow key={pair.access_key} tenant={tenant} pair={pair} whose={whose} />
      ))}
    </ListTable>
  );
}

/** The list while it is loaded for the first time. */
export function KeyTableSkeleton({ whose }: Pick<Props, 'whose'>) {
  return <ListSkeleton label="Key pairs" columns={columnsOf(whose)} classes={classes} />;
}
