import { expect, it } from 'vitest';
import type { AuditRecord } from '@/api/client';
import { foldRecords } from './fold';

const record = (id: string, over: Partial<AuditRecord> = {}): AuditRecord => ({
  id,
  time: `2026-11-26T08:31:0${id}.000Z`,
  kind: 'export_previewed',
  user_id: 'u1',
  email: 'amelia.hart@example.com',
  access_key: null,
  address: '192.0.2.1',
  request_id: `R${id}`,
  subject: null,
  words: 'Everyone',
  ...over,
});

it('folds neighbours that look the same, and nothing else', () => {
  const lines = foldRecords([
    record('6'),
    record('5'),
    record('4', { words: 'Country is GB' }),
    record('3', { address: '192.0.2.2' }),
    record('2'),
    record('1'),
  ]);
  expect(lines.map(({ record: { id }, count, since }) => [id, count, since.slice(17, 19)])).toEqual([
    ['6', 2, '05'],
    ['4', 1, '04'],
    ['3', 1, '03'],
    ['2', 2, '01'],
  ]);
});
