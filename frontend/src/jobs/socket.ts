import { parseEvent, type SocketEvent } from './events';

/**
 * The state of the socket: open; away, while it reconnects and the caller should poll; or ended
 * with the session.
 */
export type SocketState = 'open' | 'away' | 'ended';

/**
 * The options of a job socket. The last three default to the browser's functions; tests replace
 * them.
 */
export interface SocketOptions {
  url: string | URL;
  onEvent: (event: SocketEvent) => void;
  onState: (state: SocketState) => void;
  /** Called when the admin's role has changed, or may have changed while the socket was away. */
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

/** Returns the socket's address for a tenant. `page` is the address of the page. It asks for small progress events. */
export function socketUrl(page: string, tenant: string): URL {
  const url = new URL('/ws', page);
  url.protocol = url.protocol === 'https:' ? 'wss:' : 'ws:';
  url.searchParams.set('tenant', tenant);
  url.searchParams.set('progress', 'true');
  return url;
}

/**
 * Keeps one socket to the server open and returns the function that closes it for good. After a
 * loss it reconnects with exponential backoff and jitter. The server sends a snapshot first, so
 * nothing needs to be requested again. It does not reconnect if the server reports too many sockets
 * or an ended session.
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

// Waits for `ms`, or until the browser reports that the network is back.
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
