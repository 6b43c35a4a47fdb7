import { Skeleton, Table, type TableTdProps, type TableTrProps } from '@mantine/core';
import type { ReactNode } from 'react';
import base from './list-table.module.css';

/** A column of a list. */
export interface ListColumn {
  /** Its cells have the class of this name, its `col` that of this name and "Column". */
  name: string;
  head: string;
  /** The head is only read out: what the column holds speaks for itself. */
  unseen?: boolean;
}

/** What a list is of, and its columns. */
export interface ListTableProps {
  /** What the list is of, for readers. */
  label: string;
  columns: readonly ListColumn[];
  /** The list's own CSS module: `table`, `row`, and those of its columns. */
  classes: CSSModuleClasses;
  children: ReactNode;
}

/** A list of what there is. On a narrow screen its rows are items of some lines; to readers it is a table at every width. */
export function ListTable({ label, columns, classes, children }: ListTableProps) {
  return (
    <Table
      role="table"
      className={of(base.table, classes.table)}
      layout="fixed"
      stickyHeader
      withRowBorders={false}
      aria-label={label}
    >
      <colgroup>
        {columns.map(({ name }) => (
          <col key={name} className={classes[`${name}Column`]} />
        ))}
      </colgroup>
      <Table.Thead role="rowgroup">
        <Table.Tr role="row">
          {columns.map(({ name, head, unseen }) => (
            <Table.Th key={name} role="columnheader" scope="col" className={classes[name] ?? ''}>
              {unseen ? <span className="unseen">{head}</span> : head}
            </Table.Th>
          ))}
        </Table.Tr>
      </Table.Thead>
      <Table.Tbody role="rowgroup">{children}</Table.Tbody>
    </Table>
  );
}

/** A row of a list. */
export function ListRow({ className, ...rest }: TableTrProps) {
  return <Table.Tr role="row" className={of(base.row, className)} {...rest} />;
}

/** A cell of a list's row. */
export function ListCell(props: TableTdProps) {
  return <Table.Td role="cell" {...props} />;
}

/** A list while it is loaded for the first time: rows of the final size, without words. */
export function ListSkeleton({ label, columns, classes }: Omit<ListTableProps, 'children'>) {
  return (
    <div role="status" aria-label={`Loading the ${label.toLowerCase()}`}>
      <ListTable label={label} columns={columns} classes={classes}>
        {[64, 48, 72].map((width) => (
          <ListRow key={width} className={classes.row ?? ''}>
            {columns.map(({ name, unseen }, i) => (
              <ListCell key={name} className={classes[name] ?? ''}>
                <Skeleton height={14} width={i > 0 ? '70%' : `${width}%`} ml={unseen ? 'auto' : 0} />
              </ListCell>
            ))}
          </ListRow>
        ))}
      </ListTable>
    </div>
  );
}

function of(...names: (string | undefined)[]): string {
  return names.filter(Boolean).join(' ');
}
