import classes from './states.module.css';

/** The picture of an empty state: no data yet, no match, no permission, or missing data. */
export type RowPictureKind = 'none' | 'unmatched' | 'barred' | 'missing';

// x, y and width of the cells, row by row.
const cells = [
  [14, 14, 22],
  [40, 14, 34],
  [78, 14, 16],
  [14, 30, 30],
  [48, 30, 18],
  [70, 30, 24],
  [14, 46, 18],
  [36, 46, 40],
  [80, 46, 14],
] as const;

// How each cell is drawn: filled, outlined, or left out.
const drawn: Record<RowPictureKind, string> = {
  none: 'eeeeeeeee',
  unmatched: 'ccc   ccc',
  barred: 'cc cc cc ',
  missing: 'cccc eeee',
};

/** A decorative picture of rows and cells for an empty state. It is hidden from screen readers. */
export function RowPicture({ kind }: { kind: RowPictureKind }) {
  return (
    <svg className={classes.picture} width="108" height="68" viewBox="0 0 108 68" aria-hidden="true">
      {cells.map(([x, y, width], i) => {
        const look = drawn[kind][i];
        if (look === ' ') return null;
        const className = look === 'e' ? classes.empty : classes.cell;
        return <rect key={`${x} ${y}`} x={x} y={y} width={width} height={8} rx={2} className={className} />;
      })}
      {kind === 'unmatched' && <rect x={10} y={27} width={88} height={14} rx={4} className={classes.wanted} />}
      {kind === 'barred' && <path className={classes.door} d="M84 6v56" />}
    </svg>
  );
}
