import { describe, expect, it } from 'vitest';
import type { Job, JobFile, Role } from '@/api/client';
import { fileOf, jobOf } from '@/shared/testing/jobs';
import { type Action, actionsOf, isDownloadForbidden } from './actions';

const me = 'amelia.hart@example.com';
const file = (kind: JobFile['kind'], downloadUrl: string | null) => fileOf({ kind, downloadUrl });
const mine: Partial<Job> = { origin: 'console', requestedBy: me };
const theirs: Partial<Job> = { origin: 'console', requestedBy: 'kenji@example.com' };
const both = [file('users', 'https://s3/u'), file('state_events', 'https://s3/e')];

describe('actionsOf', () => {
  const cases: [string, Partial<Job>, Role | null, Action | null, Action[]][] = [
    ['my live job', { ...mine, status: 'queued' }, 'exporter', 'cancel', []],
    ['my live job, a viewer by now', { ...mine, status: 'queued' }, 'viewer', null, []],
    ['a live job of another', { ...theirs, status: 'downloading' }, 'exporter', null, []],
    ['a live job of another', { ...theirs, status: 'downloading' }, 'owner', 'cancel', []],
    ['a live job of my key pair', { ...mine, origin: 'api', status: 'downloading' }, 'exporter', null, []],
    [
      'a file',
      { status: 'completed', files: [file('users', 'https://s3/u')] },
      'exporter',
      'download',
      ['run-again', 'save-manifest'],
    ],
    [
      'two files',
      { status: 'completed', files: both },
      'owner',
      'download',
      ['download-events', 'run-again', 'save-manifest'],
    ],
    [
      'a file without a link',
      { status: 'completed', files: [file('users', null)] },
      'exporter',
      'run-again',
      ['save-manifest'],
    ],
    ['a file without a link', { status: 'completed', files: [file('users', null)] }, 'viewer', null, ['save-manifest']],
    ['a failed job', { status: 'failed' }, 'exporter', 'run-again', []],
    ['a cancelled job', { status: 'cancelled' }, 'owner', 'run-again', []],
    ['an expired job', { status: 'expired', files: [file('users', null)] }, 'exporter', 'run-again', ['save-manifest']],
    ['the state events alone', { status: 'completed', files: [file('state_events', null)] }, 'viewer', null, []],
    ['a failed job', { status: 'failed' }, 'viewer', null, []],
    ['a failed job', { status: 'failed' }, null, null, []],
  ];
  it.each(cases)('%s: %o, for role %s', (_, over, role, main, more) => {
    expect(actionsOf(jobOf('A', over), { email: me, role })).toEqual({ main, more });
  });
});

describe('isBarred', () => {
  const cases: [string, Partial<Job>, boolean][] = [
    ['a file that one may have', { status: 'completed', files: both }, false],
    ['a file that one may not', { status: 'completed', files: [file('users', null)] }, true],
    ['a file that went to a browser', { status: 'completed', mode: 'sync', files: [file('users', null)] }, false],
    ['a deleted file', { status: 'expired', files: [file('users', null)] }, false],
    ['a live job', { status: 'queued' }, false],
  ];
  it.each(cases)('of %s', (_, over, barred) => expect(isDownloadForbidden(jobOf('A', over))).toBe(barred));
});
