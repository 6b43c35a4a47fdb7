import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { jobOf } from '@/shared/testing/jobs';
import { type MemberMessage, makeSharedSockets, type SharedSockets } from './shared-sockets';
import type { SocketOptions } from './socket';
import { makeTabSockets, type TabEnvironment } from './tab-sockets';
import { type Locks, type Port, servePort } from './worker-port';

const amelia = { tenant: 'meridian', email: 'amelia.hart@example.com' };
const snapshot = { type: 'snapshot', jobs: [jobOf('01A', { version: 1 })] } as const;

let hidden = false;
let quit: AbortController;
beforeEach(() => {
  hidden = false;
  vi.spyOn(document, 'visibilityState', 'get').mockImplementation(() => (hidden ? 'hidden' : 'visible'));
  // The listeners of a tab end with the test, as they would with the tab.
  quit = new AbortController();
  for (const target of [window, document]) {
    const add = target.addEventListener.bind(target);
    vi.spyOn(target, 'addEventListener').mockImplementation(
      (type: string, listener: EventListenerOrEventListenerObject) => add(type, listener, { signal: quit.signal }),
    );
  }
});
afterEach(() => {
  quit.abort();
  vi.restoreAllMocks();
});

// Locks that end when the test says that their holder has ended.
class FakeLocks implements Locks {
  private readonly ends = new Map<string, { ended: Promise<void>; end: () => void }>();
  private last = 0;
  async hold(): Promise<string> {
    const name = `lock ${++this.last}`;
    let end = () => {};
    const ended = new Promise<void>((resolve) => {
      end = resolve;
    });
    this.ends.set(name, { ended, end });
    return name;
  }
  async released(name: string): Promise<void> {
    await this.ends.get(name)?.ended;
  }
  end(name: string): Promise<void> {
    this.ends.get(name)?.end();
    return settled();
  }
}

interface Opened extends SocketOptions {
  closed: boolean;
  hidden: boolean;
}

// One browser: its worker, its tabs, and the sockets to the server.
class Browser {
  readonly locks = new FakeLocks();
  readonly opened: Opened[] = [];
  readonly workers: { sockets: SharedSockets; lock: Promise<string>; ended: boolean }[] = [];
  readonly waits: { run: () => void; ms: number; stopped: boolean }[] = [];
  /** Makes a worker that hangs answer. */
  answer: (() => void) | undefined;
  /** What a new worker does: serves, cannot be loaded, or does not answer. */
  worker: 'serves' | 'fails' | 'hangs' = 'serves';

  sockets(): SharedSockets {
    return makeSharedSockets('https://egress.test/', (options) => {
      const socket = { ...options, closed: false, hidden: false };
      this.opened.push(socket);
      return {
        close: () => {
          socket.closed = true;
        },
        setHidden: (next) => {
          socket.hidden = next;
        },
        retryNow: () => {},
      };
    });
  }

  tab(over: Partial<TabEnvironment> = {}) {
    const heard: MemberMessage[] = [];
    const sockets = makeTabSockets({
      startWorker: (failed) => this.startWorker(failed),
      locks: this.locks,
      loadLocal: async () => this.sockets(),
      later: (run, ms) => {
        const wait = { run, ms, stopped: false };
        this.waits.push(wait);
        return () => {
          wait.stopped = true;
        };
      },
      random: () => 1,
      ...over,
    });
    const join = (login = 0, subject = amelia) => sockets.join(subject, login, (message) => heard.push(message));
    return { heard, join };
  }

  private startWorker(failed: () => void): Port {
    const [tabs, workers] = channel();
    if (this.worker === 'fails') queueMicrotask(failed);
    if (this.worker === 'fails') return tabs;
    let running = this.workers.find(({ ended }) => !ended);
    if (!running) {
      running = { sockets: this.sockets(), lock: this.locks.hold(), ended: false };
      this.workers.push(running);
    }
    const hangs = new Promise<void>((resolve) => {
      this.answer = resolve;
      if (this.worker === 'serves') resolve();
    });
    const { lock } = running;
    servePort(
      workers,
      running.sockets,
      this.locks,
      hangs.then(() => lock),
    );
    return tabs;
  }

  async endWorker(): Promise<void> {
    const running = this.workers.find(({ ended }) => !ended);
    if (!running) throw new Error('No worker runs.');
    running.ended = true;
    for (const socket of this.opened) socket.closed = true;
    await this.locks.end(await running.lock);
  }
}

// Two ports that pass copies to each other, at once.
function channel(): [Port, Port] {
  const [a, b]: [Port, Port] = [
    {
      onmessage: null,
      postMessage: (data) => b.onmessage?.(new MessageEvent('message', { data: structuredClone(data) })),
    },
    {
      onmessage: null,
      postMessage: (data) => a.onmessage?.(new MessageEvent('message', { data: structuredClone(data) })),
    },
  ];
  return [a, b];
}

// Resolves when every promise that can resolve by itself has done so.
function settled(): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve));
}

const states = (heard: readonly MemberMessage[]) => heard.flatMap((one) => (one.type === 'state' ? [one.state] : []));

describe('tabs with a shared worker', () => {
  it('use one socket, and a tab that joins late receives the jobs at once', async () => {
    const browser = new Browser();
    const first = browser.tab();
    first.join();
    await settled();
    const [socket] = browser.opened;
    socket?.onState('open');
    socket?.onEvent(snapshot);
    const second = browser.tab();
    second.join();
    await settled();
    expect(browser.opened).toHaveLength(1);
    expect(second.heard).toEqual(first.heard);
    expect(second.heard).toEqual([
      { type: 'state', state: 'open' },
      { type: 'event', event: snapshot },
    ]);
    expect(browser.waits.every(({ stopped }) => stopped)).toBe(true);
  });

  it('leave it one by one, and the last one closes it', async () => {
    const browser = new Browser();
    const tabs = [browser.tab(), browser.tab()];
    const leaves = tabs.map((tab) => tab.join());
    await settled();
    leaves[0]?.();
    browser.opened[0]?.onState('open');
    expect(states(tabs[0]?.heard ?? [])).toEqual([]);
    expect(browser.opened[0]?.closed).toBe(false);
    leaves[1]?.();
    expect(browser.opened[0]?.closed).toBe(true);
  });

  it('leave it when they crash', async () => {
    const browser = new Browser();
    browser.tab().join();
    await settled();
    await browser.locks.end('lock 1'); // the tab's is the first
    expect(browser.opened[0]?.closed).toBe(true);
  });

  it('are hidden when all of them are', async () => {
    const browser = new Browser();
    browser.tab().join();
    await settled();
    hidden = true;
    document.dispatchEvent(new Event('visibilitychange'));
    expect(browser.opened[0]?.hidden).toBe(true);
    hidden = false;
    document.dispatchEvent(new Event('visibilitychange'));
    expect(browser.opened[0]?.hidden).toBe(false);
  });

  it.each([
    [document, 'freeze', document, 'resume'],
    [window, 'pagehide', window, 'pageshow'],
  ])('leave while they are suspended, and join again after it', async (from, suspend, to, resume) => {
    const browser = new Browser();
    const { join, heard } = browser.tab();
    join();
    await settled();
    from.dispatchEvent(new Event(suspend));
    expect(browser.opened[0]?.closed).toBe(true);
    join(); // a page that is suspended opens nothing
    expect(browser.opened).toHaveLength(1);
    to.dispatchEvent(new Event(resume));
    expect(browser.opened).toHaveLength(2);
    expect(states(heard)).toEqual(['away']);
    browser.opened[1]?.onState('open');
    expect(states(heard)).toEqual(['away', 'open', 'open']);
  });

  it('use no socket of an earlier session after a login', async () => {
    const browser = new Browser();
    const [first, second] = [browser.tab(), browser.tab()];
    first.join();
    await settled();
    browser.opened[0]?.onState('open');
    second.join(1);
    await settled();
    expect(browser.opened.map(({ closed }) => closed)).toEqual([true, false]);
    second.join(1, { ...amelia, tenant: 'northgate' }); // the same login
    expect(browser.opened.map(({ closed }) => closed)).toEqual([true, false, false]);
    second.join(2, { ...amelia, email: 'tom@example.com' });
    expect(states(first.heard)).toEqual(['open', 'away', 'ended']);
  });
});

describe('a worker that ends', () => {
  it('is started again by the tabs, which poll meanwhile', async () => {
    const browser = new Browser();
    const tabs = [browser.tab(), browser.tab()];
    for (const { join } of tabs) join();
    await settled();
    browser.opened[0]?.onState('open');
    const before = browser.waits.length;
    await browser.endWorker();
    for (const { heard } of tabs) expect(states(heard)).toEqual(['open', 'away']);
    const restarts = browser.waits.slice(before);
    expect(restarts.map(({ ms }) => ms)).toEqual([1000, 1000]);
    for (const { run } of restarts) run();
    await settled();
    expect(browser.workers).toHaveLength(2);
    expect(browser.opened).toHaveLength(2);
    browser.opened[1]?.onState('open');
    for (const { heard } of tabs) expect(states(heard)).toEqual(['open', 'away', 'open']);
  });

  it('is given up when it ends again and again', async () => {
    const browser = new Browser();
    const { join, heard } = browser.tab();
    join();
    await settled();
    for (let i = 0; i < 4; i++) {
      await browser.endWorker();
      browser.waits.at(-1)?.run();
      await settled();
    }
    expect(browser.workers).toHaveLength(4);
    expect(browser.opened.map(({ closed }) => closed)).toEqual([true, true, true, true, false]);
    browser.opened.at(-1)?.onState('open');
    expect(states(heard).at(-1)).toBe('open');
  });
});

describe('a tab has its own socket', () => {
  it.each([
    ['shared workers', { startWorker: undefined }],
    ['Web Locks', { locks: undefined }],
  ])('where the browser has no %s', async (_, lacking) => {
    const browser = new Browser();
    for (const { join } of [browser.tab(lacking), browser.tab(lacking)]) join();
    await settled();
    expect(browser.opened).toHaveLength(2);
    expect(browser.workers).toHaveLength(0);
  });

  it('where the worker cannot be loaded', async () => {
    const browser = new Browser();
    browser.worker = 'fails';
    const { join, heard } = browser.tab();
    join();
    await settled();
    expect(browser.opened).toHaveLength(1);
    browser.opened[0]?.onState('open');
    expect(states(heard)).toEqual(['open']);
    browser.waits[0]?.run();
    await settled();
    expect(browser.opened).toHaveLength(1);
  });

  it('while the worker does not answer in time', async () => {
    const browser = new Browser();
    browser.worker = 'hangs';
    const { join, heard } = browser.tab();
    join();
    await settled();
    expect(browser.opened).toHaveLength(0);
    expect(browser.waits[0]?.ms).toBe(30_000);
    browser.waits[0]?.run();
    await settled();
    expect(browser.opened.map(({ closed }) => closed)).toEqual([false]);
    browser.opened[0]?.onState('open');

    browser.answer?.();
    await settled();
    expect(browser.opened.map(({ closed }) => closed)).toEqual([true, false]);
    expect(states(heard)).toEqual(['open', 'away']);
    browser.opened[1]?.onState('open');
    expect(states(heard)).toEqual(['open', 'away', 'open']);
  });
});
