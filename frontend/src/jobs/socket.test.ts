import { describe, expect, it, vi } from 'vitest';
import { jobOf } from '@/shared/testing/jobs';
import { openJobSocket, socketUrl } from './socket';

function setup() {
  const sockets: FakeSocket[] = [];
  const waits: { run: () => void; ms: number; stopped: boolean }[] = [];
  const onEvent = vi.fn();
  const onState = vi.fn();
  const onRole = vi.fn();
  const close = openJobSocket({
    url: 'ws://egress.test/ws',
    onEvent,
    onState,
    onRole,
    random: () => 1,
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
  return { sockets, waits, onEvent, onState, onRole, close };
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

describe('socketUrl', () => {
  it.each([
    ['http://127.0.0.1:8080/docs/api/', 'ws://127.0.0.1:8080/ws?tenant=meridian&progress=true'],
    ['https://egress.test/t/x?y#z', 'wss://egress.test/ws?tenant=meridian&progress=true'],
  ])('has the host of %s', (page, url) => {
    expect(socketUrl(page, 'meridian').href).toBe(url);
  });
});

class FakeSocket extends EventTarget implements Pick<WebSocket, 'addEventListener' | 'close'> {
  closed = false;
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
