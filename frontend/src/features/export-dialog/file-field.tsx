import { SegmentedControl } from '@mantine/core';
import { IconAlertTriangle, IconCheck } from '@tabler/icons-react';
import { Fragment, useId } from 'react';
import type { Warning } from '@/shared/api/client';
import { consequences } from './consequences';
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
  none: 'Not compressed: opens as it is.',
  gzip: 'Usually about a fifth of the size. Most programs read it as it is.',
  zstd: 'A little smaller still. For programs that know zstd.',
};

interface Props {
  dialect: Dialect;
  compression: Compression;
  notes: readonly Warning[];
  error: string | undefined;
  onChange: (part: Partial<Pick<ExportForm, 'dialect' | 'compression'>>) => void;
}

/** How the file is written, and what that does to the data. */
export function FileField({ dialect, compression, notes, error, onChange }: Props) {
  const label = useId();
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
        {consequences({ dialect, compression }, notes).map(({ kept, lead, rest }) => (
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
    </div>
  );
}
