import { IconShieldLock } from '@tabler/icons-react';
import type { ReactNode } from 'react';
import type { Job, JobFile } from '@/api/client';
import { Copy } from '@/shared/ui/copy';
import { count, counted } from '@/shared/ui/format';
import { manifestName, shortHash, verifyCommand } from '../text/receipt-text';
import { CopyManifest } from './copy-manifest';
import classes from './receipt.module.css';
import { Section } from './section';

const titles: Record<JobFile['kind'], string> = { users: 'Receipt', state_events: 'Receipt of the state events' };

/** Receipt shows the figures of a finished file and how to verify it. */
export function Receipt({ tenant, job: { jobId, mode }, file }: { tenant: string; job: Job; file: JobFile }) {
  const { name, sha256, compression, csvBytes } = file;
  return (
    <Section
      title={titles[file.kind]}
      aside={
        <span className={classes.proven}>
          <IconShieldLock size={15} stroke={1.75} aria-hidden />{' '}
          {mode === 'sync'
            ? 'The received file is identical to the sent file'
            : 'The stored file is identical to the written file'}
        </span>
      }
    >
      <div className={classes.receipt}>
        <dl className={classes.figures}>
          <ReceiptFigure label={file.kind === 'users' ? 'Rows' : 'Events'} value={count(file.rows)} />
          {file.users !== null && <ReceiptFigure label="Users" value={count(file.users)} />}
          <ReceiptFigure label="Columns" value={count(file.columns)} />
          <ReceiptFigure
            label="Bytes"
            value={count(file.bytes)}
            note={compression === 'none' ? undefined : `${counted(csvBytes, 'byte')} of CSV`}
          />
        </dl>
        <dl className={classes.proof}>
          <Proof label="File" button={<Copy value={name} label="Copy the file name" />}>
            {name}
          </Proof>
          <Proof label="SHA-256" button={<Copy value={sha256} label="Copy the SHA-256" />} wraps>
            {sha256}
          </Proof>
          <Proof label="Verify" button={<Copy value={verifyCommand(name, sha256)} label="Copy the command" />}>
            <span className={classes.prompt} aria-hidden="true">
              ${' '}
            </span>
            {verifyCommand(name, shortHash(sha256))}
          </Proof>
          {file.kind === 'users' && (
            <Proof label="Manifest" button={<CopyManifest tenant={tenant} jobId={jobId} />}>
              {manifestName(name)}
            </Proof>
          )}
        </dl>
      </div>
    </Section>
  );
}

/** ReceiptFigure is one labelled figure of a receipt. */
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
  button: ReactNode;
  wraps?: boolean;
  children: ReactNode;
}

function Proof({ label, button, wraps, children }: ProofProps) {
  return (
    <div>
      <dt>{label}</dt>
      <dd>
        <code data-wraps={wraps || undefined}>{children}</code>
        {button}
      </dd>
    </div>
  );
}
