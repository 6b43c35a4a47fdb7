import { SegmentedControl } from '@mantine/core';
import { IconAlertTriangle, IconCheck } from '@tabler/icons-react';
import { Fragment, useId } from 'react';
import type { Preview } from '@/api/client';
import { consequences, judgedBy } from './consequences';
import classes from './fields.module.css';
import type { Compression, Dialect, ExportForm } from './form';

const dialects: { value: Dialect; label: string }[] = [
  { value: 'spreadsheet', label: 'Spreadsheet' },
  { value: 'rfc4180', label: 'RFC 4180' },
];
const compressions: { value: Compression; label: string }[] = [
  { value: 'none', label: 'None' },
  { value: 'gzip', label: 'gzip' },
  { value: 'zstd', label: 'zstd' },
];
const hints: Record<Dialect | Compression, string> = {
  spreadsheet: 'For Excel, Numbers and Sheets. Choose RFC 4180 for programs.',
  rfc4180: 'For programs. Choose Spreadsheet for Excel, Numbers and Sheets.',
  none: 'Not compressed; every program opens it.',
  gzip: 'Usually about a fifth of the size. Most programs read it directly.',
  zstd: 'A little smaller still, in several frames. For programs that read zstd as a stream.',
};

const listSeparator =
  'Commas separate the columns. Where the list separator is a semicolon, as in most of Europe, a double click puts ' +
  'all values into column A. Open the file in Excel with Data → From Text/CSV instead.';

interface Props {
  dialect: Dialect;
  compression: Compression;
  /** Undefined until it is loaded. */
  preview: Preview | undefined;
  error: string | undefined;
  onChange: (part: Partial<Pick<ExportForm, 'dialect' | 'compression'>>) => void;
}

/** FileField chooses dialect and compression, and lists what they do to the data. */
export function FileField({ dialect, compression, preview, error, onChange }: Props) {
  const label = useId();
  const judged = judgedBy(dialect, preview);
  return (
    <div>
      <span id={label} className={classes.label}>
        File
      </span>
      <div className={classes.dialect}>
        <SegmentedControl
          aria-labelledby={label}
          data={dialects}
          value={dialect}
          onChange={(value) => onChange({ dialect: value })}
        />
        <span className={classes.hint}>{hints[dialect]}</span>
      </div>
      {dialect === 'spreadsheet' && <p className={classes.hint}>{listSeparator}</p>}
      <div className={classes.dialect}>
        <SegmentedControl
          aria-label="Compression"
          data={compressions}
          value={compression}
          onChange={(value) => onChange({ compression: value })}
        />
        <span className={classes.hint}>{hints[compression]}</span>
      </div>
      {error && (
        <p role="alert" className={classes.error}>
          {error}
        </p>
      )}
      <ul className={classes.consequences}>
        {consequences({ dialect, compression }, preview?.notes ?? []).map(({ kept, lead, rest }) => (
          <li key={lead} data-lost={!kept || undefined}>
            {kept ? (
              <IconCheck size={15} stroke={1.75} role="img" aria-label="Kept:" />
            ) : (
              <IconAlertTriangle size={15} stroke={1.75} role="img" aria-label="Lost:" />
            )}
            <span>
              <b>{lead}</b>
              {lead.endsWith('.') && ' '}
              {rest.map((piece, i) => (
                // biome-ignore lint/suspicious/noArrayIndexKey: pieces of a sentence are their places
                <Fragment key={i}>{typeof piece === 'string' ? piece : <code>{piece.code}</code>}</Fragment>
              ))}
            </span>
          </li>
        ))}
      </ul>
      {judged && <p className={classes.hint}>{judged}</p>}
    </div>
  );
}
