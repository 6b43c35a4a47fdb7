import { Skeleton } from '@mantine/core';
import { useCallback, useEffect, useLayoutEffect, useRef, useState } from 'react';
import type { Preview } from '@/api/client';
import { clipped } from '@/shared/ui/format';
import { foldColumns, type Place, repeats } from './preview-columns';
import classes from './preview-table.module.css';
import type { Freshness } from './use-freshness';

interface Props {
  preview: Preview | undefined;
  freshness: Freshness;
  /** Whether rows are being loaded. */
  awaited: boolean;
  /** Whether only the state events file is exported. */
  alone: boolean;
}

/** PreviewTable shows the first rows as they will appear in the file. */
export function PreviewTable({ preview, freshness, awaited, alone }: Props) {
  const unread = preview?.partial === true && preview.rows.length === 0;
  return (
    <section className={classes.preview} aria-label="First rows">
      <h3>
        First rows, as they will appear in the file <span>Times are UTC</span>
      </h3>
      {preview && freshness !== 'unknown' && !alone && !unread ? (
        // The key closes all folds when the columns change.
        <Rows key={preview.columns.map(({ name }) => name).join()} preview={preview} dim={freshness === 'dim'} />
      ) : (
        <div className={classes.waiting}>
          {[28, 26, 26, 26, 26, 26].map((height, i) => (
            // biome-ignore lint/suspicious/noArrayIndexKey: placeholder rows are all alike
            <div key={i} style={{ height }}>
              {awaited && !alone ? (
                <Skeleton height={10} width={i % 2 ? '72%' : '64%'} />
              ) : (
                i === 1 &&
                (alone ? 'Only state events are exported: there is no users file to show.' : 'Nothing to show yet.')
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
  // Opening a fold removes its button, so the focus moves to the fold's first column.
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
                  {clipped(columns[place.index]?.name ?? '')}
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
            // biome-ignore lint/suspicious/noArrayIndexKey: rows have no other identity than their place
            <tr key={i}>
              {places.map((place) =>
                place.kind === 'column' ? (
                  <td
                    key={place.index}
                    data-same={(again[i] && columns[place.index]?.source !== 'grant') || undefined}
                    title={clipped(row[place.index] ?? '') || undefined}
                    dir="auto"
                  >
                    {clipped(row[place.index] ?? '')}
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
      {rows.length === 0 && <p>No users match. The file will contain only its header.</p>}
    </section>
  );
}

function foldName({ from, to }: Extract<Place, { kind: 'fold' }>, { columns }: Preview): string {
  return `Show ${to - from + 1} columns: ${columns[from]?.name} to ${columns[to]?.name}`;
}

// Reports whether a horizontally scrolling region is scrolled to its end. Until then its edge
// fades.
function useScrollEnd() {
  const region = useRef<HTMLElement>(null);
  const [atEnd, setAtEnd] = useState(true);
  const onScroll = useCallback(() => {
    const { scrollLeft = 0, clientWidth = 0, scrollWidth = 0 } = region.current ?? {};
    setAtEnd(scrollLeft + clientWidth >= scrollWidth - 1);
  }, []);
  useLayoutEffect(() => {
    if (!region.current) return;
    const observer = new ResizeObserver(onScroll);
    observer.observe(region.current);
    if (region.current.firstElementChild) observer.observe(region.current.firstElementChild);
    return () => observer.disconnect();
  }, [onScroll]);
  return { region, onScroll, atEnd };
}
