import type { MemberMessage, Membership, SharedSockets, Subject } from './shared-sockets';

/** A message from a tab to the worker. `id` names a membership of the tab. */
export type TabMessage =
  /** The first one: the name of the lock that the tab holds as long as it exists. */
  | { type: 'tab'; lock: string }
  | { type: 'join'; id: number; subject: Subject; hidden: boolean }
  | { type: 'leave'; id: number }
  | { type: 'hidden'; id: number; hidden: boolean }
  | { type: 'session'; email: string }
  | { type: 'online' };

/** A message from the worker to a tab. */
export type WorkerMessage =
  /** The first one: the name of the lock that the worker holds as long as it runs. */
  { type: 'worker'; lock: string } | { type: 'member'; id: number; message: MemberMessage };

/** The part of a MessagePort that is used. */
export interface Port {
  postMessage: (message: TabMessage | WorkerMessage) => void;
  onmessage: ((event: MessageEvent) => void) | null;
}

/** Web Locks: a lock shows whether its holder still exists, also after a crash. */
export interface Locks {
  /** Takes a new lock, holds it until this page or worker ends, and resolves to its name. */
  hold: () => Promise<string>;
  /** Resolves when the holder of the lock has ended. */
  released: (name: string) => Promise<void>;
}

/** Returns the locks of the browser; undefined if it has none, for example without a secure context. */
export function browserLocks(): Locks | undefined {
  const locks = navigator.locks;
  if (!locks) return undefined;
  return {
    hold: () => {
      const name = `egress-socket:${crypto.randomUUID()}`;
      return new Promise((held, failed) => {
        locks.request(name, () => new Promise<never>(() => held(name))).catch(failed);
      });
    },
    released: async (name) => {
      await locks.request(name, { mode: 'shared' }, () => {});
    },
  };
}

/** Serves a tab, in the worker. The tab leaves its sockets when it says so, or when it has ended. */
export function servePort(port: Port, sockets: SharedSockets, locks: Locks, lock: Promise<string>): void {
  const memberships = new Map<number, Membership>();
  const leaveAll = () => {
    for (const { leave } of memberships.values()) leave();
    memberships.clear();
  };
  const join = ({ id, subject, hidden }: Extract<TabMessage, { type: 'join' }>) => {
    memberships.get(id)?.leave();
    const listener = (message: MemberMessage) => port.postMessage({ type: 'member', id, message });
    memberships.set(id, sockets.join(subject, hidden, listener));
  };
  port.onmessage = ({ data }: MessageEvent<TabMessage>) => {
    switch (data.type) {
      case 'tab':
        void locks.released(data.lock).then(leaveAll);
        break;
      case 'join':
        join(data);
        break;
      case 'leave':
        memberships.get(data.id)?.leave();
        memberships.delete(data.id);
        break;
      case 'hidden':
        memberships.get(data.id)?.setHidden(data.hidden);
        break;
      case 'session':
        sockets.sessionBegan(data.email);
        break;
      case 'online':
        sockets.online();
    }
  };
  void lock.then((name) => port.postMessage({ type: 'worker', lock: name }));
}

/** The worker, as a tab uses it. */
export interface Worker {
  sockets: SharedSockets;
  /** Resolves when the worker has ended. Its sockets are closed then. */
  ended: Promise<void>;
}

/**
 * Returns the worker at the other end of the port when it has answered. `lock` is the lock that this
 * tab holds.
 */
export async function openPort(port: Port, locks: Locks, lock: string): Promise<Worker> {
  const listeners = new Map<number, (message: MemberMessage) => void>();
  let last = 0;
  const started = new Promise<string>((answered) => {
    port.onmessage = ({ data }: MessageEvent<WorkerMessage>) => {
      if (data.type === 'worker') answered(data.lock);
      else listeners.get(data.id)?.(data.message);
    };
  });
  const post = (message: TabMessage) => port.postMessage(message);
  post({ type: 'tab', lock });
  const worker = await started;
  return {
    sockets: {
      join: (subject, hidden, listener) => {
        const id = ++last;
        listeners.set(id, listener);
        post({ type: 'join', id, subject, hidden });
        return {
          leave: () => {
            listeners.delete(id);
            post({ type: 'leave', id });
          },
          setHidden: (next) => post({ type: 'hidden', id, hidden: next }),
        };
      },
      sessionBegan: (email) => post({ type: 'session', email }),
      online: () => post({ type: 'online' }),
    },
    ended: locks.released(worker),
  };
}
