import { ActionIcon, Button, Checkbox, NativeSelect } from '@mantine/core';
import { IconArrowDown, IconArrowUp } from '@tabler/icons-react';
import { useEffect, useRef, useState } from 'react';
import type { UserSchema } from '@/api/client';
import { type UserSort, userSortKeys } from '@/api/keys';
import { useChangeColumns } from '@/api/user-columns';
import { allColumns, type ListColumn, leadColumn, listColumns } from '../user/list-columns';
import classes from './column-chooser.module.css';

/** The most columns that a list shows, in addition to the first one. */
const most = 20;

interface Props {
  tenant: string;
  schema: UserSchema;
  sort: UserSort;
  onSort: (sort: UserSort) => void;
}

/** Chooses the columns of the list and their order, which the server remembers. Each change applies at once. */
export function ColumnChooser({ tenant, schema, sort, onSort }: Props) {
  // The choice while it is made; undefined: that of the server.
  const [draft, setDraft] = useState<string[] | null>();
  const { change, isError } = useChangeColumns(tenant, () => setDraft(undefined));
  const { columns } = listColumns(draft === undefined ? schema : { ...schema, userColumns: draft });
  const shown = new Set(columns.map(({ id }) => id));
  const hidden = allColumns(schema).filter(({ id }) => !shown.has(id));
  const [said, say] = useState('');
  const { list, keepFocus } = useKeptFocus(columns);

  const choose = (userColumns: string[] | null) => {
    setDraft(userColumns);
    change(userColumns);
  };
  const save = (next: readonly ListColumn[]) => {
    choose([leadColumn.id, ...next.map(({ id }) => id)]);
  };
  const toggle = (column: ListColumn) => {
    keepFocus(column.id, 'check');
    save(shown.has(column.id) ? columns.filter(({ id }) => id !== column.id) : [...columns, column]);
  };
  const move = (column: ListColumn, by: 1 | -1) => {
    const from = columns.findIndex(({ id }) => id === column.id);
    const other = columns[from + by];
    if (!other) return;
    keepFocus(column.id, by === 1 ? 'down' : 'up');
    const next = [...columns];
    next[from] = other;
    next[from + by] = column;
    save(next);
    say(`${column.label} is column ${from + by + 2} of ${columns.length + 1}`);
  };

  return (
    <div className={classes.chooser}>
      <NativeSelect
        className={classes.sort ?? ''}
        label="Sort by"
        value={sort}
        onChange={({ currentTarget }) => onSort(currentTarget.value as UserSort)}
        data={sorts(schema)}
      />
      <ul ref={list} className={classes.list} aria-label="Columns of the list">
        <li className={classes.item}>
          <Checkbox label={leadColumn.label} checked disabled />
        </li>
        {[...columns, ...hidden].map((column, place) => (
          <li key={column.id} className={classes.item} data-id={column.id}>
            <Checkbox
              data-do="check"
              dir="auto"
              className={classes.check ?? ''}
              label={column.label}
              checked={shown.has(column.id)}
              disabled={!shown.has(column.id) && columns.length >= most}
              onChange={() => toggle(column)}
            />
            {shown.has(column.id) && (
              <span className={classes.moves}>
                <Move up label={column.label} ends={place === 0} onPress={() => move(column, -1)} />
                <Move label={column.label} ends={place === columns.length - 1} onPress={() => move(column, 1)} />
              </span>
            )}
          </li>
        ))}
      </ul>
      {columns.length >= most && <p className={classes.note}>The list shows at most {most + 1} columns.</p>}
      {isError && (
        <p role="alert" className={classes.note}>
          The columns could not be saved. Try again.
        </p>
      )}
      <Button variant="subtle" onClick={() => choose(null)}>
        Reset to default columns
      </Button>
      <span role="status" className={classes.said}>
        {said}
      </span>
    </div>
  );
}

interface MoveProps {
  up?: boolean;
  label: string;
  /** The column is the first or the last one. The button keeps the focus. */
  ends: boolean;
  onPress: () => void;
}

function Move({ up = false, label, ends, onPress }: MoveProps) {
  const Arrow = up ? IconArrowUp : IconArrowDown;
  return (
    <ActionIcon
      data-do={up ? 'up' : 'down'}
      variant="subtle"
      aria-label={`Move ${label} ${up ? 'up' : 'down'}`}
      aria-disabled={ends || undefined}
      onClick={onPress}
    >
      <Arrow size={16} stroke={1.75} aria-hidden />
    </ActionIcon>
  );
}

// Keeps the focus on a control of a column when its entry moves within the list.
function useKeptFocus(columns: readonly ListColumn[]) {
  const list = useRef<HTMLUListElement>(null);
  const kept = useRef<{ id: string; control: string } | null>(null);
  const order = columns.map(({ id }) => id).join('\n');
  // biome-ignore lint/correctness/useExhaustiveDependencies: after each change of the order
  useEffect(() => {
    const { id, control } = kept.current ?? {};
    kept.current = null;
    const entry = [...(list.current?.children ?? [])].find((one) => one.getAttribute('data-id') === id);
    entry?.querySelector<HTMLElement>(`[data-do="${control}"]`)?.focus();
  }, [order]);
  const keepFocus = (id: string, control: 'check' | 'up' | 'down') => {
    kept.current = { id, control };
  };
  return { list, keepFocus };
}

// The orders for narrow screens, where the list has no headings.
function sorts(schema: UserSchema): { value: UserSort; label: string }[] {
  const labels = new Map([leadColumn, ...allColumns(schema)].map(({ sort, label }) => [sort, label]));
  return userSortKeys.flatMap((key) => [
    { value: key === 'id' ? '' : key, label: `${labels.get(key)}, ascending` },
    { value: `-${key}` as const, label: `${labels.get(key)}, descending` },
  ]);
}
