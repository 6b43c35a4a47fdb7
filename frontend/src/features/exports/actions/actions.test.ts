import { describe, expect, it } from 'vitest';
import type { Job, JobFile, Role } from '@/api/client';
import { fileOf, jobOf } from '@/shared/testing/jobs';
import { type Action, actionsOf, eventsAlone, isDownloadForbidden } from './actions';

const me = 'amelia.hart@example.com';
const file = (kind: JobFile['kind'], fileUrl: string | null) => fileOf({ kind, fileUrl });
const mine: Partial<Job> = { origin: 'console', requestedBy: me };
const theirs: Partial<Job> = { origin: 'console', requestedBy: 'kenji@example.com' };
const both = [file('users', '/u'), file('state_events', '/e')];

const withEvents = { ...jobOf('A', {}).definition, stateEvents: { from: '2026-01-01T00:00:00.000Z', to: null } };
const partly: Partial<Job> = {
  status: 'completed_with_errors',
  outcome: 'completed_with_errors',
  definition: withEvents,
  files: [file('users', '/u')],
};

const restricted: Partial<Job> = {
  ...partly,
  definition: {
    ...withEvents,
    include: {
      attributes: true,
      extendedProfiles: { appIds: ['quiz'], onlyMatching: true },
      foreignKeys: false,
      grants: false,
    },
  },
};

it('makes a definition of the state events alone', () => {
  const { include, stateEvents } = eventsAlone(jobOf('A', partly));
  expect(include).toEqual({ attributes: false, extendedProfiles: null, foreignKeys: false, grants: false });
  expect(stateEvents).toEqual(withEvents.stateEvents);
});

describe('actionsOf', () => {
  const cases: [string, Partial<Job>, Role | null, Action | null, Action[]][] = [
    ['my live job', { ...mine, status: 'queued' }, 'exporter', 'cancel', []],
    ['my live job, a viewer by now', { ...mine, status: 'queued' }, 'viewer', null, []],
    ['a live job of another', { ...theirs, status: 'downloading' }, 'exporter', null, []],
    ['a live job of another', { ...theirs, status: 'downloading' }, 'owner', 'cancel', []],
    ['a live job of my key pair', { ...mine, origin: 'api', status: 'downloading' }, 'exporter', null, []],
    [
      'a file',
      { status: 'completed', files: [file('users', '/u')] },
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
      'a file that one may not have',
      { status: 'completed', files: [file('users', null)] },
      'exporter',
      'run-again',
      ['save-manifest'],
    ],
    [
      'a file that one may not have',
      { status: 'completed', files: [file('users', null)] },
      'viewer',
      null,
      ['save-manifest'],
    ],
    ['a failed job', { status: 'failed' }, 'exporter', 'run-again', []],
    [
      'a job without its state events',
      partly,
      'exporter',
      'download',
      ['run-again', 'run-events-again', 'save-manifest'],
    ],
    [
      'a job without its state events, of users with a profile',
      restricted,
      'exporter',
      'download',
      ['run-again', 'save-manifest'],
    ],
    ['a job without its state events', partly, 'viewer', 'download', ['save-manifest']],
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
