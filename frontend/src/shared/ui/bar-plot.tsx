import { useId } from 'react';
import classes from './bar-plot.module.css';

/** A row of bars, with its own scale. */
export interface Series {
  /** The head of its column in the table. */
  name: string;
  /** The values, one for each bar. */
  values: readonly number[];
  /** How much of each value is drawn as a failure. */
  failed?: readonly number[];
  /** The text of a value in the table; default: the number. */
  text?: (value: number) => string;
  /** The height of the row, in px. */
  height: number;
}

interface Props {
  /** What the plot shows: the accessible name of the picture and the caption of the table. */
  label: string;
  /** The head of the first column of the table: "Day". */
  head: string;
  /** The names of the bars: "23 Nov". */
  names: readonly string[];
  series: readonly Series[];
  /** A further column of the table that is not drawn. */
  column?: Omit<Series, 'height' | 'failed'>;
  /** The index of the bar that is selected. */
  selected?: number | null;
  /** Makes the bars selectable. */
  onSelect?: (index: number) => void;
}

const step = 10; // the width of a bar with its gap, in units of the picture
const bar = 8;
const gap = 4; // between two rows of bars
const widest = 48; // px of a bar with its gap: few bars do not fill the page

/**
 * A bar plot, in rows above one another, as SVG. Its table has the same figures and the same actions, for keyboards and
 * screen readers.
 */
export function BarPlot({ label, head, names, series, column, selected = null, onSelect }: Props) {
  const details = useId();
  const width = names.length * step;
  const height = series.reduce((sum, one) => sum + one.height, 0) + gap * (series.length - 1);
  const columns = [...series, ...(column ? [column] : [])];
  const textOf = (one: (typeof columns)[number], i: number) => {
    const value = one.values[i] ?? 0;
    return one.text ? one.text(value) : String(value);
  };
  const title = (i: number) => [names[i], ...columns.map((one) => `${one.name}: ${textOf(one, i)}`)].join('\n');
  return (
    <figure className={classes.plot}>
      <div style={{ maxWidth: names.length * widest }}>
        <svg
          role="img"
          aria-label={label}
          aria-describedby={details}
          viewBox={`0 0 ${width} ${height}`}
          height={height}
          preserveAspectRatio="none"
        >
          {names.map((name, i) => (
            // The table has the same action for keyboards.
            // biome-ignore lint/a11y/noStaticElementInteractions: see above
            <g
              key={name}
              data-selected={selected === i || undefined}
              data-action={onSelect ? '' : undefined}
              onClick={onSelect && (() => onSelect(i))}
            >
              <title>{title(i)}</title>
              <rect className={classes.ground} x={i * step} y={0} width={step} height={height} />
              {series.map((one, row) => (
                <Bar
                  key={one.name}
                  one={one}
                  i={i}
                  bottom={series.slice(0, row + 1).reduce((sum, { height: h }) => sum + h, 0) + gap * row}
                />
              ))}
            </g>
          ))}
        </svg>
        <div className={classes.axis} aria-hidden>
          <span>{names[0]}</span>
          {names.length > 1 && <span>{names.at(-1)}</span>}
        </div>
      </div>
      <details className={classes.details}>
        <summary id={details}>Show as a table</summary>
        <div className={onSelect && classes.scroll}>
          <table>
            <caption className="unseen">{label}</caption>
            <thead>
              <tr>
                <th scope="col">{head}</th>
                {columns.map(({ name }) => (
                  <th key={name} scope="col">
                    {name}
                  </th>
                ))}
              </tr>
            </thead>
            <tbody>
              {names.map((name, i) => (
                <tr key={name} data-selected={selected === i || undefined}>
                  <th scope="row">
                    {onSelect ? (
                      <button type="button" aria-pressed={selected === i} onClick={() => onSelect(i)}>
                        {name}
                      </button>
                    ) : (
                      name
                    )}
                  </th>
                  {columns.map((one) => (
                    <td key={one.name}>{textOf(one, i)}</td>
                  ))}
                </tr>
              ))}
            </tbody>
          </table>
        </div>
      </details>
    </figure>
  );
}

// One bar with its failed part on top. A value above 0 is at least 2 px high.
function Bar({ one, i, bottom }: { one: Series; i: number; bottom: number }) {
  const value = one.values[i] ?? 0;
  const failed = one.failed?.[i] ?? 0;
  const most = Math.max(1, ...one.values);
  const scale = (n: number) => (n > 0 ? Math.max(2, (n / most) * one.height) : 0);
  const red = scale(failed);
  const rest = Math.min(scale(value - failed), one.height - red);
  return (
    <>
      <rect
        className={value > 0 ? classes.bar : classes.none}
        x={i * step + (step - bar) / 2}
        y={bottom - (value > 0 ? rest : 1)}
        width={bar}
        height={value > 0 ? rest : 1}
      />
      {red > 0 && (
        <rect
          className={classes.failed}
          x={i * step + (step - bar) / 2}
          y={bottom - rest - red}
          width={bar}
          height={red}
        />
      )}
    </>
  );
}
