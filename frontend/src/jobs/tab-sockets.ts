import type { MemberMessage, Membership, SharedSockets, Subject } from './shared-sockets';
import { browserLocks, type Locks, openPort, type Port } from './worker-port';

/** What the sockets of a tab need of the browser. Tests replace it. */
export interface TabEnvironment {
  /**
   * Starts the worker of all tabs, or connects to it. It calls `failed` if the worker cannot be
   * loaded. Undefined if the browser has no shared workers.
   */
  startWorker: ((failed: () => void) => Port) | undefined;
  locks: Locks | undefined;
  /** Loads sockets for this tab alone, which few browsers need. */
  loadLocal: () => Promise<SharedSockets>;
  later: (run: () => void, ms: number) => () => void;
  random: () => number;
}

/** The sockets that this tab uses. */
export interface TabSockets {
  /**
   * Subscribes to the jobs of an admin in a tenant and returns the function that ends it. `login`
   * is the number of logins in this tab: after a new one no earlier socket is used.
   */
  join: (subject: Subject, login: number, listener: (message: MemberMessage) => void) => () => void;
}

interface Subscription {
  subject: Subject;
  listener: (message: MemberMessage) => void;
  membership: Membership | undefined; // undefined while the tab is suspended or the worker starts
}

const startLimit = 30_000; // ms in which the worker must answer; the tab polls meanwhile
const restartWait = 1_000; // ms; at most, until a worker that has ended is started again
const maxRestarts = 3;

/**
 * Returns the sockets of this tab. All tabs share those of a SharedWorker, if the browser has one
 * and has Web Locks, which show the tab and the worker that the other has ended. Else, and while the
 * worker does not answer, the tab has its own.
 */
export function makeTabSockets(environment: TabEnvironment): TabSockets {
  const { startWorker, locks, loadLocal, later, random } = environment;
  const subscriptions = new Set<Subscription>();
  let sockets: SharedSockets | undefined; // undefined while the worker starts
  let held: Promise<string> | undefined; // the lock of this tab
  let suspended = false;
  let restarts = 0;
  let lastLogin = 0;
  let loggedIn: string | undefined; // who has logged in since the sockets were last told

  const joinAll = () => {
    if (!sockets) return;
    if (loggedIn) sockets.sessionBegan(loggedIn);
    loggedIn = undefined;
    if (suspended) return;
    for (const one of subscriptions) one.membership ??= sockets.join(one.subject, isHidden(), one.listener);
  };
  const leaveAll = () => {
    for (const one of subscriptions) {
      if (!one.membership) continue;
      one.membership.leave();
      one.membership = undefined;
      one.listener({ type: 'state', state: 'away' });
    }
  };
  const use = (next: SharedSockets) => {
    sockets = next;
    joinAll();
  };
  const startLocal = async () => {
    const local = await loadLocal();
    if (!sockets) use(local);
  };
  const connectWorker = async (start: NonNullable<typeof startWorker>, shared: Locks) => {
    held ??= shared.hold();
    const lock = await held;
    const fail = () => void startLocal().catch(() => {}); // without sockets the tab polls
    const stop = later(fail, startLimit);
    try {
      const worker = await openPort(start(fail), shared, lock);
      leaveAll(); // the sockets that were used while the worker was slow
      use(worker.sockets);
      void worker.ended.then(restart);
    } finally {
      stop();
    }
  };
  const start = () => {
    const shared = startWorker && locks && restarts <= maxRestarts ? connectWorker(startWorker, locks) : startLocal();
    shared.catch(startLocal).catch(() => {});
  };
  const restart = () => {
    sockets = undefined;
    restarts++;
    leaveAll();
    later(start, random() * restartWait);
  };

  document.addEventListener('visibilitychange', () => {
    for (const { membership } of subscriptions) membership?.setHidden(isHidden());
  });
  addEventListener('online', () => sockets?.online());
  // A page that the browser suspends, or keeps for the back button, cannot read its messages.
  const suspend = () => {
    suspended = true;
    leaveAll();
  };
  const resume = () => {
    suspended = false;
    joinAll();
  };
  addEventListener('pagehide', suspend);
  addEventListener('pageshow', resume);
  document.addEventListener('freeze', suspend);
  document.addEventListener('resume', resume);
  start();

  return {
    join: (subject, login, listener) => {
      if (login > lastLogin) {
        lastLogin = login;
        loggedIn = subject.email;
      }
      const one: Subscription = { subject, listener, membership: undefined };
      subscriptions.add(one);
      joinAll();
      return () => {
        subscriptions.delete(one);
        one.membership?.leave();
      };
    },
  };
}

function isHidden(): boolean {
  return document.visibilityState === 'hidden';
}

let ofThisTab: TabSockets | undefined;

/** Returns the sockets of this tab. */
export function tabSockets(): TabSockets {
  ofThisTab ??= makeTabSockets({
    startWorker: typeof SharedWorker === 'undefined' ? undefined : startWorker,
    locks: browserLocks(),
    loadLocal: async () => (await import('./shared-sockets')).makeSharedSockets(location.href),
    later: (run, ms) => {
      const timer = setTimeout(run, ms);
      return () => clearTimeout(timer);
    },
    random: Math.random,
  });
  return ofThisTab;
}

function startWorker(failed: () => void): Port {
  const worker = new SharedWorker(new URL('./socket-worker.ts', import.meta.url), { type: 'module', name: 'sockets' });
  worker.addEventListener('error', failed);
  return worker.port;
}
