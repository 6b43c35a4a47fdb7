import { SegmentedControl } from '@mantine/core';
import { IconAlertTriangle, IconCheck } from '@tabler/icons-react';
import { Fragment, useId } from 'react';
import type { Warning } from '@/shared/api/client';
import { consequences } from './consequences';
import classes from './fields.module.css';
import type { Dialect } from './form';

const dialects: { value: Dialect; label: string }[] = [
  { value: 'spreadsheet', label: 'Spreadsheet' },
  { value: 'rfc4180', label: 'RFC 4180' },
];
const hints: Record<Dialect, string> = {
  spreadsheet: 'For Excel, Numbers and Sheets. Choose RFC 4180 for programs.',
  rfc4180: 'For programs. Choose Spreadsheet for Excel, Numbers and Sheets.',
};

interface Props {
  dialect: Dialect;
  notes: readonly Warning[];
  error: string | undefined;
  onChange: (dialect: Dialect) => void;
}

/** How the file is written, and what that does to the data. */
export function FileField({ dialect, notes, error, onChange }: Props) {
  const label = useId();
  return (
    <div>
      <span id={label} className={classes.label}>
        File
      </span>
      <div className={classes.dialect}>
        <SegmentedControl aria-labelledby={label} data={dialects} value={dialect} onChange={onChange} />
        <span className={classes.hint}>{hints[dialect]}</span>
      </div>
      {error && (
        <p role="alert" className={classes.error}>
          {error}
        </p>
      )}
      <ul className={classes.consequences}>
        {consequences(dialect, notes).map(({ kept, lead, rest }) => (
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
