import { Skeleton } from '@mantine/core';
import type { ComponentPropsWithRef, ReactNode } from 'react';
import base from './list-table.module.css';
import { Value } from './value';

/** A column of a list. */
export interface ListColumn {
  /** The CSS class of its cells. Its `col` has the same class with the suffix "Column". */
  name: string;
  head: string;
  /** Hides the head visually. Screen readers still read it. */
  unseen?: boolean;
}

/** The name and the columns of a list. */
export interface ListTableProps {
  /** The accessible name of the list. */
  label: string;
  columns: readonly ListColumn[];
  /** The list's own CSS module: `table`, `row`, and those of its columns. */
  classes: CSSModuleClasses;
  children: ReactNode;
}

/**
 * A list as a table. On a narrow screen each row becomes a block of lines; for screen readers it stays a table, because
 * its roles are written out: the display of a block takes the implied ones away.
 */
export function ListTable({ label, columns, classes, children }: ListTableProps) {
  return (
    <table role="table" className={of(base.table, classes.table)} aria-label={label}>
      <colgroup>
        {columns.map(({ name }) => (
          <col key={name} className={classes[`${name}Column`]} />
        ))}
      </colgroup>
      <thead role="rowgroup">
        <tr role="row">
          {columns.map(({ name, head, unseen }) => (
            <th key={name} role="columnheader" scope="col" className={classes[name] ?? ''}>
              {unseen ? <span className="unseen">{head}</span> : head}
            </th>
          ))}
        </tr>
      </thead>
      <tbody role="rowgroup">{children}</tbody>
    </table>
  );
}

/** A row of a list. */
export function ListRow({ className, ...rest }: ComponentPropsWithRef<'tr'>) {
  return <tr role="row" className={of(base.row, className)} {...rest} />;
}

/** A cell of a list's row. If its content throws, only the cell shows the error. */
export function ListCell({ children, ...rest }: ComponentPropsWithRef<'td'>) {
  return (
    <td role="cell" {...rest}>
      <Value of="cannot be shown">{() => children}</Value>
    </td>
  );
}

/** Placeholder rows of the final size, for a list that is loading. */
export function ListSkeleton({ label, columns, classes }: Omit<ListTableProps, 'children'>) {
  return (
    <div role="status" aria-label={`Loading the ${inSentence(label)}`}>
      <ListTable label={label} columns={columns} classes={classes}>
        {[64, 48, 72].map((width) => (
          <ListRow key={width} className={classes.row}>
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

/** Lowers a label within a sentence, unless it begins with an abbreviation: "members", "API keys". */
export function inSentence(label: string): string {
  return /^\p{Lu}{2}/u.test(label) ? label : label.toLowerCase();
}
