import { type JobEvent, parseEvent } from './cache';

/** How the socket is: open, away (it tries again; meanwhile poll), or ended together with the session. */
export type SocketState = 'open' | 'away' | 'ended';

/** What a job socket needs. The last three are the browser's own unless a test brings others. */
export interface SocketOptions {
  url: string | URL;
  onEvent: (event: JobEvent) => void;
  onState: (state: SocketState) => void;
  /** Who is logged in may do something else in the tenant: their role has changed, or may have while the socket was away. */
  onRole: () => void;
  connect?: (url: string | URL) => Pick<WebSocket, 'addEventListener' | 'close'>;
  later?: (run: () => void, ms: number) => () => void;
  random?: () => number;
}

const sessionEnded = 4001;
const tooManySockets = 4002;
const roleChanged = 4004;
const firstWait = 1_000; // ms; doubled with every failure
const longestWait = 30_000; // ms

/** The address of the socket of one tenant, beside the page's own. */
export function socketUrl(page: string, tenant: string): URL {
  const url = new URL('/ws', page);
  url.protocol = url.protocol === 'https:' ? 'wss:' : 'ws:';
  url.searchParams.set('tenant', tenant);
  return url;
}

/**
 * Keeps one socket to the server open and returns what closes it for good. After a loss it comes back by itself, a little
 * later each time and never in step with other tabs. Nothing needs to be asked for again: the server begins with a
 * snapshot. It stays away where the server wants fewer sockets, and gives up when the session has ended.
 */
export function openJobSocket(options: SocketOptions): () => void {
  const { url, onEvent, onState, onRole } = options;
  const connect = options.connect ?? ((to) => new WebSocket(to));
  const later = options.later ?? inBrowserTime;
  const random = options.random ?? Math.random;
  let failures = 0;
  let lost = false;
  let leave: () => void = () => {};

  const open = () => {
    const socket = connect(url);
    const quit = new AbortController();
    leave = () => {
      quit.abort();
      socket.close();
    };
    const listen = { signal: quit.signal };
    socket.addEventListener(
      'open',
      () => {
        failures = 0;
        onState('open');
        if (lost) onRole();
      },
      listen,
    );
    socket.addEventListener(
      'message',
      ({ data }) => {
        const event = typeof data === 'string' ? parseEvent(data) : undefined;
        if (event) onEvent(event);
      },
      listen,
    );
    socket.addEventListener(
      'close',
      ({ code }) => {
        quit.abort();
        lost = true;
        onState(code === sessionEnded ? 'ended' : 'away');
        if (code === sessionEnded || code === tooManySockets) return;
        if (code === roleChanged) onRole();
        const wait = Math.min(longestWait, firstWait * 2 ** failures++);
        leave = later(open, wait * (0.5 + random() / 2));
      },
      listen,
    );
  };

  open();
  return () => leave();
}

// Waits, but not for a network that has just come back.
function inBrowserTime(run: () => void, ms: number): () => void {
  const done = new AbortController();
  const go = () => {
    stop();
    run();
  };
  const timer = setTimeout(go, ms);
  const stop = () => {
    clearTimeout(timer);
    done.abort();
  };
  addEventListener('online', go, { signal: done.signal });
  return stop;
}
