import { Skeleton } from '@mantine/core';
import { useEffect, useRef, useState } from 'react';
import type { Preview } from '@/shared/api/client';
import { foldColumns, type Place, repeats } from './preview-columns';
import classes from './preview-table.module.css';
import type { Freshness } from './use-freshness';
import { useScrollEnd } from './use-scroll-end';

interface Props {
  preview: Preview | undefined;
  freshness: Freshness;
  /** Whether rows are on their way: the form makes a definition, and it has not failed. */
  awaited: boolean;
  /** Whether there will be no users file. */
  alone: boolean;
}

/** The first rows as they will stand in the file. */
export function PreviewTable({ preview, freshness, awaited, alone }: Props) {
  return (
    <section className={classes.preview} aria-label="First rows">
      <h3>
        First rows, as they will stand in the file <span>Times are UTC</span>
      </h3>
      {preview && freshness !== 'unknown' && !alone ? (
        // Other columns, other folds: what was opened is of the columns before.
        <Rows key={preview.columns.map(({ name }) => name).join()} preview={preview} dim={freshness === 'dim'} />
      ) : (
        <div className={classes.waiting}>
          {[28, 26, 26, 26, 26, 26].map((height, i) => (
            // biome-ignore lint/suspicious/noArrayIndexKey: rows that stand for rows
            <div key={i} style={{ height }}>
              {awaited && !alone ? (
                <Skeleton height={10} width={i % 2 ? '72%' : '64%'} />
              ) : (
                i === 1 &&
                (alone
                  ? 'Only state events are exported: there is no users file to show.'
                  : 'There is nothing to show yet.')
              )}
            </div>
          ))}
        </div>
      )}
    </section>
  );
}

function Rows({ preview, dim }: { preview: Preview; dim: boolean }) {
  const [opened, setOpened] = useState<ReadonlySet<number>>(new Set());
  const [entered, setEntered] = useState<number | null>(null);
  const first = useRef<HTMLTableCellElement>(null);
  const { region, onScroll, atEnd } = useScrollEnd();
  // The button that opened a fold is gone: the focus goes on to the first column that it held.
  useEffect(() => {
    if (entered !== null) first.current?.focus();
  }, [entered]);
  const { columns, rows } = preview;
  const places = foldColumns(preview, opened);
  const again = repeats(preview);
  const folds = places.filter(({ kind }) => kind === 'fold');
  const open = (from: number) => {
    setOpened(new Set([...opened, from]));
    setEntered(from);
  };
  return (
    <section
      ref={region}
      className={classes.region}
      // biome-ignore lint/a11y/noNoninteractiveTabindex: it scrolls sideways, so it must be reachable by keyboard
      tabIndex={0}
      aria-label="First rows of the file"
      data-more={!atEnd || undefined}
      data-dim={dim || undefined}
      onScroll={onScroll}
    >
      <table>
        <thead>
          <tr>
            {places.map((place) =>
              place.kind === 'column' ? (
                <th key={place.index} scope="col" {...(place.index === entered && { ref: first, tabIndex: -1 })}>
                  {columns[place.index]?.name}
                </th>
              ) : (
                <th key={place.from} scope="col" className={classes.fold}>
                  <button type="button" aria-label={foldName(place, preview)} onClick={() => open(place.from)}>
                    + {place.to - place.from + 1}
                    {place === folds[0] && ' columns'}
                  </button>
                </th>
              ),
            )}
          </tr>
        </thead>
        <tbody>
          {rows.map((row, i) => (
            // biome-ignore lint/suspicious/noArrayIndexKey: the rows of a file are their places
            <tr key={i}>
              {places.map((place) =>
                place.kind === 'column' ? (
                  <td
                    key={place.index}
                    data-same={(again[i] && columns[place.index]?.source !== 'grant') || undefined}
                    title={row[place.index]}
                    dir="auto"
                  >
                    {row[place.index]}
                  </td>
                ) : (
                  <td key={place.from} className={classes.fold}>
                    …
                  </td>
                ),
              )}
            </tr>
          ))}
        </tbody>
      </table>
      {rows.length === 0 && <p>Nobody matches: the file will hold its header and nothing else.</p>}
    </section>
  );
}

function foldName({ from, to }: Extract<Place, { kind: 'fold' }>, { columns }: Preview): string {
  return `Show ${to - from + 1} columns: ${columns[from]?.name} to ${columns[to]?.name}`;
}
