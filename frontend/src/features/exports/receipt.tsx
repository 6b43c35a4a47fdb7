import { IconShieldLock } from '@tabler/icons-react';
import type { ReactNode } from 'react';
import type { JobFile } from '@/shared/api/client';
import { Copy } from '@/shared/ui/copy';
import { count } from '@/shared/ui/format';
import classes from './receipt.module.css';
import { Section } from './section';
import { clipped, verifyCommand } from './verify';

const titles: Record<JobFile['kind'], string> = { users: 'Receipt', state_events: 'Receipt of the state events' };

/** What a finished file is, and how to check it. */
export function Receipt({ file }: { file: JobFile }) {
  const { name, sha256 } = file;
  return (
    <Section
      title={titles[file.kind]}
      aside={
        <span className={classes.proven}>
          <IconShieldLock size={15} stroke={1.75} aria-hidden /> What is stored is what was written
        </span>
      }
    >
      <div className={classes.receipt}>
        <dl className={classes.figures}>
          <ReceiptFigure label="Rows" value={count(file.rows)} />
          <ReceiptFigure label="Users" value={count(file.users)} />
          <ReceiptFigure label="Columns" value={count(file.columns)} />
          <ReceiptFigure label="Bytes" value={count(file.bytes)} />
        </dl>
        <dl className={classes.proof}>
          <Proof label="File" copy={name} copyLabel="Copy the file name">
            {name}
          </Proof>
          <Proof label="SHA-256" copy={sha256} copyLabel="Copy the SHA-256" wraps>
            {sha256}
          </Proof>
          <Proof label="Verify" copy={verifyCommand(name, sha256)} copyLabel="Copy the command">
            <span className={classes.prompt} aria-hidden="true">
              ${' '}
            </span>
            {verifyCommand(name, clipped(sha256))}
          </Proof>
        </dl>
      </div>
    </Section>
  );
}

/** One of the four figures. */
export function ReceiptFigure({ label, value, note }: { label: string; value: string; note?: string | undefined }) {
  return (
    <div>
      <dt>{label}</dt>
      <dd>
        {value}
        {note !== undefined && <small>{note || '\u00a0'}</small>}
      </dd>
    </div>
  );
}

interface ProofProps {
  label: string;
  copy: string;
  copyLabel: string;
  wraps?: boolean;
  children: ReactNode;
}

function Proof({ label, copy, copyLabel, wraps, children }: ProofProps) {
  return (
    <div>
      <dt>{label}</dt>
      <dd>
        <code data-wraps={wraps || undefined}>{children}</code>
        <Copy value={copy} label={copyLabel} />
      </dd>
    </div>
  );
}
