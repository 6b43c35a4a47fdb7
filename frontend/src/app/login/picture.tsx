import classes from './login.module.css';

// The widths of the cells of each row, in units of the picture. The sixth row moves out.
const rows = [
  [74, 118, 46, 92, 60],
  [52, 96, 70, 44, 104],
  [88, 60, 112, 54, 72],
  [64, 104, 40, 86, 94],
  [96, 52, 80, 66, 58],
  [58, 84, 98, 48, 90],
  [80, 66, 56, 110, 50],
  [46, 108, 72, 60, 84],
  [92, 58, 64, 88, 70],
  [60, 90, 104, 42, 76],
  [70, 74, 52, 96, 62],
];
const leaving = 5;

const cells = rows.flatMap((widths, row) =>
  widths.map((width, i) => {
    const x = widths.slice(0, i).reduce((left, before) => left + before + 12, row === leaving ? 250 : 64);
    return { x, y: 92 + row * 44, width, out: row === leaving };
  }),
);

/** A decoration, hidden from screen readers: rows of cells in a box, one of them moving out. */
export function Picture() {
  return (
    <svg className={classes.picture} viewBox="0 0 760 640" width="760" height="640" aria-hidden="true">
      <path d="M600 268V60a16 16 0 0 0-16-16H40a16 16 0 0 0-16 16v520a16 16 0 0 0 16 16h544a16 16 0 0 0 16-16V358" />
      {cells.map(({ x, y, width, out }) => (
        <rect key={`${x} ${y}`} x={x} y={y} width={width} height={14} rx={3} data-out={out || undefined} />
      ))}
    </svg>
  );
}
