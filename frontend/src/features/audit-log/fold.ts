import type { AuditRecord } from '@/api/client';

/** A line of the list: one record, or several that would look the same. */
export interface AuditLine {
  /** The newest record. */
  record: AuditRecord;
  count: number;
  /** The time of the oldest record. */
  since: string;
}

/** Folds consecutive records that differ only in their time and request. The records are newest first. */
export function foldRecords(records: readonly AuditRecord[]): AuditLine[] {
  const lines: AuditLine[] = [];
  for (const record of records) {
    const line = lines.at(-1);
    if (line && looksLike(line.record, record)) {
      line.count++;
      line.since = record.time;
    } else {
      lines.push({ record, count: 1, since: record.time });
    }
  }
  return lines;
}

const shown = ['kind', 'user_id', 'email', 'access_key', 'address', 'subject', 'words'] as const;

function looksLike(a: AuditRecord, b: AuditRecord): boolean {
  return shown.every((member) => a[member] === b[member]);
}
