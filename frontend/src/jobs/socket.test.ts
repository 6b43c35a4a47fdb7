import { describe, expect, it, vi } from 'vitest';
import { jobOf } from '@/shared/testing/jobs';
import { openJobSocket, socketUrl } from './socket';

function setup(random = () => 1) {
  const sockets: FakeSocket[] = [];
  const waits: { run: () => void; ms: number; stopped: boolean }[] = [];
  const onEvent = vi.fn();
  const onState = vi.fn();
  const onRole = vi.fn();
  const socket = openJobSocket({
    url: 'ws://egress.test/ws',
    onEvent,
    onState,
    onRole,
    random,
    connect: () => {
      const socket = new FakeSocket();
      sockets.push(socket);
      return socket;
    },
    later: (run, ms) => {
      const wait = { run, ms, stopped: false };
      waits.push(wait);
      return () => {
        wait.stopped = true;
      };
    },
  });
  return { sockets, waits, onEvent, onState, onRole, ...socket };
}

describe('openJobSocket', () => {
  it('passes on what it understands, and nothing else', () => {
    const { sockets, onEvent, onState } = setup();
    const event = { type: 'job', job: jobOf('01A', { version: 1 }) };
    sockets[0]?.opens();
    sockets[0]?.says('?');
    sockets[0]?.says(JSON.stringify(event));
    expect(onState).toHaveBeenLastCalledWith('open');
    expect(onEvent.mock.calls).toEqual([[event]]);
  });

  it('comes back after a loss, later each time, and at once again after a success', () => {
    const { sockets, waits, onState } = setup();
    for (let i = 0; i < 7; i++) {
      sockets.at(-1)?.closes(1006);
      waits.at(-1)?.run();
    }
    expect(waits.map((wait) => wait.ms)).toEqual([1000, 2000, 4000, 8000, 16000, 30000, 30000]);
    expect(onState).toHaveBeenLastCalledWith('away');
    sockets.at(-1)?.opens();
    sockets.at(-1)?.closes(1001);
    expect(waits.at(-1)?.ms).toBe(1000);
  });

  it('waits anything from nothing to the whole backoff', () => {
    for (const [random, ms] of [
      [0, 0],
      [0.5, 500],
    ] as const) {
      const { sockets, waits } = setup(() => random);
      sockets[0]?.closes(1006);
      expect(waits.map((wait) => wait.ms)).toEqual([ms]);
    }
  });

  it('comes back soon when the network is back, and only if it waits', () => {
    const { sockets, waits, retryNow } = setup();
    retryNow();
    sockets[0]?.opens();
    retryNow();
    expect(waits).toEqual([]);
    sockets[0]?.closes(1006);
    retryNow();
    expect(waits.map(({ ms, stopped }) => [ms, stopped])).toEqual([
      [1000, true],
      [500, false],
    ]);
    waits[1]?.run();
    expect(sockets).toHaveLength(2);
  });

  it('gives up when the session has ended', () => {
    const { sockets, waits, onState } = setup();
    sockets[0]?.opens();
    sockets[0]?.closes(4001);
    expect(onState).toHaveBeenLastCalledWith('ended');
    expect(waits).toEqual([]);
  });

  it('stays away where the server wants fewer sockets', () => {
    const { sockets, waits, onState } = setup();
    sockets[0]?.opens();
    sockets[0]?.closes(4002);
    expect(onState).toHaveBeenLastCalledWith('away');
    expect(waits).toEqual([]);
  });

  it('comes back where the role has changed, and says so', () => {
    const { sockets, waits, onState, onRole } = setup();
    sockets[0]?.opens();
    expect(onRole).not.toHaveBeenCalled();
    sockets[0]?.closes(4004);
    expect(onRole).toHaveBeenCalledOnce();
    expect(onState).toHaveBeenLastCalledWith('away');
    expect(waits).toHaveLength(1);
  });

  it('says that the role may have changed while it was away, whyever that was', () => {
    const { sockets, waits, onRole } = setup();
    sockets[0]?.opens();
    sockets[0]?.closes(1006);
    expect(onRole).not.toHaveBeenCalled();
    waits[0]?.run();
    sockets[1]?.opens();
    expect(onRole).toHaveBeenCalledOnce();
  });

  it('says nothing more once closed, whether open or waiting', () => {
    const open = setup();
    open.close();
    open.sockets[0]?.says('{"type":"snapshot","jobs":[]}');
    expect(open.sockets[0]?.closed).toBe(true);
    expect(open.onEvent).not.toHaveBeenCalled();

    const waiting = setup();
    waiting.sockets[0]?.closes(1006);
    waiting.close();
    expect(waiting.waits[0]?.stopped).toBe(true);
  });
});

describe('a server that will stop', () => {
  const snapshot = (version: number) => ({
    type: 'snapshot',
    jobs: [jobOf('01A', { version, status: 'downloading' })],
  });

  function draining() {
    const all = setup();
    const [old] = all.sockets;
    old?.opens();
    old?.says(JSON.stringify(snapshot(1)));
    old?.says('{"type":"reconnect","afterMs":7000}');
    return { ...all, old };
  }

  it('is left when the next one has sent its snapshot, and no event is missed meanwhile', () => {
    const { sockets, waits, onEvent, onState, onRole, old } = draining();
    expect(waits.map(({ ms }) => ms)).toEqual([7000]);
    expect(sockets).toHaveLength(1);
    waits[0]?.run();
    const [, next] = sockets;
    next?.opens();
    expect(old?.closed).toBe(false);
    old?.says(JSON.stringify({ type: 'job', job: jobOf('01A', { version: 2 }) }));
    expect(onEvent).toHaveBeenLastCalledWith({ type: 'job', job: jobOf('01A', { version: 2 }) });
    next?.says(JSON.stringify(snapshot(3)));
    expect(old?.closed).toBe(true);
    expect(next?.closed).toBe(false);
    expect(onEvent).toHaveBeenLastCalledWith(snapshot(3));
    old?.closes(1001);
    expect(onState.mock.calls).toEqual([['open']]);
    expect(onRole).not.toHaveBeenCalled();
    expect(waits).toHaveLength(1);
  });

  it('serves on while the next one cannot open, which is tried again with backoff', () => {
    const { sockets, waits, onState, old } = draining();
    waits[0]?.run();
    sockets[1]?.closes(1006);
    waits[1]?.run();
    sockets[2]?.closes(1006);
    expect(waits.map(({ ms }) => ms)).toEqual([7000, 1000, 2000]);
    expect(old?.closed).toBe(false);
    expect(onState.mock.calls).toEqual([['open']]);
    waits[2]?.run();
    old?.closes(1001);
    expect(onState).toHaveBeenLastCalledWith('away');
    expect(waits).toHaveLength(3); // one is opening already
    sockets[3]?.opens();
    expect(onState).toHaveBeenLastCalledWith('open');
  });

  it('does not make a third one where the old one closes before the snapshot of the next', () => {
    const { sockets, waits, onState, old } = draining();
    waits[0]?.run();
    sockets[1]?.opens();
    old?.closes(1001);
    expect(onState.mock.calls).toEqual([['open']]);
    expect(waits).toHaveLength(1);
    sockets[1]?.closes(1006);
    expect(waits).toHaveLength(2);
  });

  it('is not waited for when it stops early', () => {
    const { waits, old, onState } = draining();
    old?.closes(1001);
    expect(onState).toHaveBeenLastCalledWith('away');
    expect(waits.map(({ ms, stopped }) => [ms, stopped])).toEqual([
      [7000, true],
      [1000, false],
    ]);
  });

  it('takes both sockets with it when the session ends', () => {
    const { sockets, waits, onState, old } = draining();
    waits[0]?.run();
    sockets[1]?.opens();
    old?.closes(4001);
    expect(sockets[1]?.closed).toBe(true);
    expect(onState).toHaveBeenLastCalledWith('ended');
    expect(waits).toHaveLength(1);
  });

  it('may ask its successor to go on as well', () => {
    const { sockets, waits, old } = draining();
    waits[0]?.run();
    old?.says('{"type":"reconnect","afterMs":9000}');
    expect(waits).toHaveLength(1);
    sockets[1]?.opens();
    sockets[1]?.says(JSON.stringify(snapshot(1)));
    sockets[1]?.says('{"type":"reconnect","afterMs":3000}');
    expect(waits[1]?.ms).toBe(3000);
  });
});

describe('a hidden socket', () => {
  const visibility = (hidden: boolean) => ({ type: 'visibility', hidden });

  it('says so after it has opened, and at each change', () => {
    const { sockets, setHidden } = setup();
    setHidden(true);
    expect(sockets[0]?.sent).toEqual([]);
    sockets[0]?.opens();
    setHidden(true);
    setHidden(false);
    setHidden(true);
    expect(sockets[0]?.sent).toEqual([visibility(true), visibility(false), visibility(true)]);
  });

  it('says so again after it was away, and nothing while it is visible', () => {
    const { sockets, waits, setHidden } = setup();
    sockets[0]?.opens();
    expect(sockets[0]?.sent).toEqual([]);
    setHidden(true);
    sockets[0]?.closes(1006);
    waits[0]?.run();
    sockets[1]?.opens();
    expect(sockets[1]?.sent).toEqual([visibility(true)]);
  });
});

describe('socketUrl', () => {
  it.each([
    ['http://127.0.0.1:8080/docs/api/', 'ws://127.0.0.1:8080/ws?tenant=meridian&progress=true'],
    ['https://egress.test/t/x?y#z', 'wss://egress.test/ws?tenant=meridian&progress=true'],
  ])('has the host of %s', (page, url) => {
    expect(socketUrl(page, 'meridian').href).toBe(url);
  });
});

class FakeSocket extends EventTarget implements Pick<WebSocket, 'addEventListener' | 'close' | 'send'> {
  closed = false;
  readonly sent: unknown[] = [];
  send(data: string) {
    this.sent.push(JSON.parse(data));
  }
  close() {
    this.closed = true;
  }
  opens() {
    this.dispatchEvent(new Event('open'));
  }
  says(data: string) {
    this.dispatchEvent(Object.assign(new Event('message'), { data }));
  }
  closes(code: number) {
    this.dispatchEvent(Object.assign(new Event('close'), { code }));
  }
}
