import { describe, expect, it } from 'vitest';
import { jobOf } from '@/shared/testing/jobs';
import { type MemberMessage, makeSharedSockets, type SharedSockets, type Subject } from './shared-sockets';
import type { SocketOptions } from './socket';

const amelia: Subject = { tenant: 'meridian', email: 'amelia.hart@example.com' };
const running = (jobId: string, version: number) => jobOf(jobId, { version, status: 'downloading' });
const done = (jobId: string, version: number) => jobOf(jobId, { version, status: 'completed' });

// A socket to the server that the test speaks for.
interface Opened extends SocketOptions {
  closed: boolean;
  hidden: boolean;
  retried: number;
}

function setup() {
  const opened: Opened[] = [];
  const sockets = makeSharedSockets('https://egress.test/assets/worker.js', (options) => {
    const socket = { ...options, closed: false, hidden: false, retried: 0 };
    opened.push(socket);
    return {
      close: () => {
        socket.closed = true;
      },
      setHidden: (hidden) => {
        socket.hidden = hidden;
      },
      retryNow: () => {
        socket.retried++;
      },
    };
  });
  return { sockets, opened };
}

function joined(sockets: SharedSockets, subject = amelia, hidden = false) {
  const heard: MemberMessage[] = [];
  return { heard, ...sockets.join(subject, hidden, (message) => heard.push(message)) };
}

const events = (heard: readonly MemberMessage[]) => heard.flatMap((one) => (one.type === 'event' ? [one.event] : []));
const states = (heard: readonly MemberMessage[]) => heard.flatMap((one) => (one.type === 'state' ? [one.state] : []));
const unseen = (heard: readonly MemberMessage[]) => heard.flatMap((one) => (one.type === 'unseen' ? [one.job] : []));

describe('a shared socket', () => {
  it('is one for all members, and tells each of them everything', () => {
    const { sockets, opened } = setup();
    const tabs = Array.from({ length: 10 }, () => joined(sockets));
    expect(opened).toHaveLength(1);
    expect(String(opened[0]?.url)).toBe('wss://egress.test/ws?tenant=meridian&progress=true');
    opened[0]?.onState('open');
    opened[0]?.onEvent({ type: 'snapshot', jobs: [running('01A', 1)] });
    opened[0]?.onEvent({ type: 'progress', jobId: '01A', version: 2, progress: running('01A', 2).progress });
    opened[0]?.onRole();
    opened[0]?.onState('away');
    for (const { heard } of tabs) {
      expect(heard).toEqual([
        { type: 'state', state: 'open' },
        { type: 'event', event: { type: 'snapshot', jobs: [running('01A', 1)] } },
        { type: 'event', event: { type: 'progress', jobId: '01A', version: 2, progress: running('01A', 2).progress } },
        { type: 'role' },
        { type: 'state', state: 'away' },
      ]);
    }
  });

  it('tells a member who joins late the newest state at once', () => {
    const { sockets, opened } = setup();
    joined(sockets);
    opened[0]?.onState('open');
    opened[0]?.onEvent({ type: 'snapshot', jobs: [running('01A', 3)] });
    opened[0]?.onEvent({ type: 'job', job: running('01B', 1) });
    opened[0]?.onEvent({ type: 'job', job: running('01A', 2) }); // late, so it is not the newest
    const progress = { ...running('01B', 2).progress, percent: 40 };
    opened[0]?.onEvent({ type: 'progress', jobId: '01B', version: 2, progress });
    const late = joined(sockets);
    expect(opened).toHaveLength(1);
    expect(late.heard).toEqual([
      { type: 'state', state: 'open' },
      { type: 'event', event: { type: 'snapshot', jobs: [{ ...running('01B', 2), progress }, running('01A', 3)] } },
    ]);
  });

  it('does not show old states as current while it is away', () => {
    const { sockets, opened } = setup();
    joined(sockets);
    opened[0]?.onState('open');
    opened[0]?.onEvent({ type: 'snapshot', jobs: [running('01A', 1)] });
    opened[0]?.onState('away');
    expect(joined(sockets).heard).toEqual([]);
  });

  it('keeps all live jobs for late members, and few that have ended', () => {
    const { sockets, opened } = setup();
    joined(sockets);
    opened[0]?.onState('open');
    opened[0]?.onEvent({ type: 'job', job: running('00', 1) });
    for (let i = 10; i < 99; i++) opened[0]?.onEvent({ type: 'job', job: done(`01${i}`, 1) });
    const [snapshot] = events(joined(sockets).heard);
    const jobs = snapshot?.type === 'snapshot' ? snapshot.jobs : [];
    expect(jobs).toHaveLength(41);
    expect(jobs[0]?.jobId).toBe('0198');
    expect(jobs.at(-1)?.jobId).toBe('00');
  });

  it('closes with its last member, and opens again for the next', () => {
    const { sockets, opened } = setup();
    const first = joined(sockets);
    const second = joined(sockets);
    first.leave();
    first.leave();
    opened[0]?.onState('open');
    expect(opened[0]?.closed).toBe(false);
    expect(first.heard).toEqual([]);
    second.leave();
    expect(opened[0]?.closed).toBe(true);
    const third = joined(sockets);
    expect(opened).toHaveLength(2);
    expect(third.heard).toEqual([]);
  });

  it('is hidden while all its members are', () => {
    const { sockets, opened } = setup();
    const first = joined(sockets, amelia, true);
    expect(opened[0]?.hidden).toBe(true);
    const second = joined(sockets);
    expect(opened[0]?.hidden).toBe(false);
    second.setHidden(true);
    expect(opened[0]?.hidden).toBe(true);
    first.setHidden(false);
    expect(opened[0]?.hidden).toBe(false);
    first.leave();
    expect(opened[0]?.hidden).toBe(true);
  });

  it('tries again at once when the network is back', () => {
    const { sockets, opened } = setup();
    joined(sockets);
    sockets.online();
    expect(opened[0]?.retried).toBe(1);
  });
});

describe('separation', () => {
  it('gives each tenant and each admin a socket of its own', () => {
    const { sockets, opened } = setup();
    const tabs = [
      joined(sockets),
      joined(sockets, { ...amelia, tenant: 'northgate' }),
      joined(sockets, { ...amelia, email: 'tom@example.com' }),
    ];
    expect(opened).toHaveLength(3);
    opened[1]?.onState('open');
    opened[1]?.onEvent({ type: 'job', job: running('01A', 1) });
    expect(tabs.map(({ heard }) => events(heard).length)).toEqual([0, 1, 0]);
  });

  it('delivers no job that another admin requested, and asks who is logged in', () => {
    const { sockets, opened } = setup();
    const tab = joined(sockets);
    const foreign = jobOf('01B', { version: 1, status: 'downloading', requestedBy: 'tom@example.com' });
    opened[0]?.onState('open');
    opened[0]?.onEvent({ type: 'snapshot', jobs: [foreign, running('01A', 1)] });
    opened[0]?.onEvent({ type: 'job', job: { ...foreign, version: 2 } });
    opened[0]?.onEvent({ type: 'progress', jobId: '01B', version: 3, progress: foreign.progress });
    expect(events(tab.heard)).toEqual([{ type: 'snapshot', jobs: [running('01A', 1)] }]);
    expect(tab.heard.filter(({ type }) => type === 'role')).toHaveLength(2);
    expect(events(joined(sockets).heard)).toEqual([{ type: 'snapshot', jobs: [running('01A', 1)] }]);
  });

  it('ends for all members with the session, and a new member gets a new socket', () => {
    const { sockets, opened } = setup();
    const tabs = [joined(sockets), joined(sockets)];
    opened[0]?.onState('open');
    opened[0]?.onState('ended');
    for (const { heard } of tabs) expect(states(heard)).toEqual(['open', 'ended']);
    const next = joined(sockets);
    expect(opened).toHaveLength(2);
    opened[1]?.onState('open');
    for (const { leave } of tabs) leave();
    expect(opened[1]?.closed).toBe(false);
    expect(states(next.heard)).toEqual(['open']);
    for (const { heard } of tabs) expect(states(heard)).toEqual(['open', 'ended']);
  });

  it('uses no socket of an earlier session after a login, and ends those of other admins', () => {
    const { sockets, opened } = setup();
    const same = joined(sockets);
    const other = joined(sockets, { ...amelia, email: 'tom@example.com' });
    opened[0]?.onState('open');
    opened[1]?.onState('open');
    sockets.sessionBegan(amelia.email);
    expect(opened.map(({ closed }) => closed)).toEqual([true, true, false]);
    expect(states(other.heard)).toEqual(['open', 'ended']);
    opened[2]?.onState('open');
    expect(states(same.heard)).toEqual(['open', 'away', 'open']);
  });
});

describe('a job that ends unseen', () => {
  it('is reported to one member, the one that was hidden last', () => {
    const { sockets, opened } = setup();
    const [first, second, third] = [joined(sockets), joined(sockets), joined(sockets, amelia, true)];
    opened[0]?.onState('open');
    opened[0]?.onEvent({ type: 'snapshot', jobs: [running('01A', 1), done('01', 1)] });
    second.setHidden(true);
    first.setHidden(true);
    opened[0]?.onEvent({ type: 'job', job: done('01A', 2) });
    opened[0]?.onEvent({ type: 'job', job: done('01A', 2) });
    expect(unseen(first.heard)).toEqual([done('01A', 2)]);
    expect([...unseen(second.heard), ...unseen(third.heard)]).toEqual([]);
  });

  it('is reported if it ended while the socket was away', () => {
    const { sockets, opened } = setup();
    const tab = joined(sockets, amelia, true);
    opened[0]?.onEvent({ type: 'snapshot', jobs: [running('01A', 1)] });
    opened[0]?.onState('away');
    opened[0]?.onState('open');
    opened[0]?.onEvent({ type: 'snapshot', jobs: [done('01A', 2)] });
    expect(unseen(tab.heard)).toEqual([done('01A', 2)]);
  });

  it('is not reported while a member is visible', () => {
    const { sockets, opened } = setup();
    const tabs = [joined(sockets, amelia, true), joined(sockets)];
    opened[0]?.onEvent({ type: 'snapshot', jobs: [running('01A', 1)] });
    opened[0]?.onEvent({ type: 'job', job: done('01A', 2) });
    for (const { heard } of tabs) expect(unseen(heard)).toEqual([]);
  });
});
