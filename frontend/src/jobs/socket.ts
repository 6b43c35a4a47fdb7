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
  connect?: (url: string | URL) => Pick<WebSocket, 'addEventListener' | 'close' | 'send'>;
  later?: (run: () => void, ms: number) => () => void;
  random?: () => number;
}

/** A socket that is kept open. */
export interface JobSocket {
  /** Closes the socket for good. Nothing is reported afterwards. */
  close: () => void;
  /** Tells the server whether somebody looks at the jobs. While nobody does, it sends less progress. */
  setHidden: (hidden: boolean) => void;
  /** Ends the wait for the next attempt, because the network is back. */
  retryNow: () => void;
}

const sessionEnded = 4001;
const tooManySockets = 4002;
const roleChanged = 4004;
const firstWait = 1_000; // ms; doubled with every failure
const longestWait = 30_000; // ms
const onlineWait = 500; // ms; at most, when the network is back

/** Returns the socket's address for a tenant. `page` is the address of the page. It asks for small progress events. */
export function socketUrl(page: string, tenant: string): URL {
  const url = new URL('/ws', page);
  url.protocol = url.protocol === 'https:' ? 'wss:' : 'ws:';
  url.searchParams.set('tenant', tenant);
  url.searchParams.set('progress', 'true');
  return url;
}

// One connection to the server.
interface Connection {
  opened: boolean;
  send: (message: object) => void;
  drop: () => void;
}

/**
 * Keeps one socket to the server open. After a loss it reconnects with exponential backoff and full
 * jitter. The server sends a snapshot first, so nothing needs to be requested again. It does not
 * reconnect if the server reports too many sockets or an ended session.
 *
 * If the server announces that it will close the socket, a second connection is opened first. The
 * old one is closed when the new one has delivered its snapshot, so no event is missed.
 */
export function openJobSocket(options: SocketOptions): JobSocket {
  const { url, onEvent, onState, onRole } = options;
  const connect = options.connect ?? ((to) => new WebSocket(to));
  const later = options.later ?? inBrowserTime;
  const random = options.random ?? Math.random;
  const connections: Connection[] = []; // oldest first
  let stopWait: (() => void) | undefined; // of the next attempt
  let retrying = false; // the wait follows a failure, so the network may end it
  let state: SocketState | undefined;
  let hidden = false;
  let failures = 0;
  let lost = false;

  const report = (next: SocketState) => {
    if (next === state) return;
    state = next;
    onState(next);
  };
  const openAfter = (ms: number) => {
    stopWait?.();
    stopWait = later(() => {
      stopWait = undefined;
      open();
    }, ms);
  };
  const closeAll = () => {
    stopWait?.();
    stopWait = undefined;
    for (const connection of connections.splice(0)) connection.drop();
  };
  const closed = (code: number, newest: boolean) => {
    if (code === sessionEnded) {
      closeAll();
      report('ended');
      return;
    }
    if (!connections.some(({ opened }) => opened)) {
      lost = true;
      report('away');
    }
    if (code === roleChanged) onRole();
    if (!newest || code === tooManySockets) return; // a newer one is opening, or none is wanted
    retrying = true;
    openAfter(random() * Math.min(longestWait, firstWait * 2 ** failures++));
  };

  const open = () => {
    const socket = connect(url);
    const quit = new AbortController();
    const listen = { signal: quit.signal };
    const self: Connection = {
      opened: false,
      send: (message) => socket.send(JSON.stringify(message)),
      drop: () => {
        quit.abort();
        socket.close();
      },
    };
    connections.push(self);
    socket.addEventListener(
      'open',
      () => {
        self.opened = true;
        failures = 0;
        if (hidden) self.send({ type: 'visibility', hidden });
        report('open');
        if (lost) onRole();
        lost = false;
      },
      listen,
    );
    socket.addEventListener(
      'message',
      ({ data }) => {
        const event = typeof data === 'string' ? parseEvent(data) : undefined;
        if (event?.type === 'reconnect') {
          if (connections.at(-1) !== self) return; // its successor is opening
          retrying = false;
          openAfter(event.afterMs);
          return;
        }
        if (!event) return;
        if (event.type === 'snapshot') {
          for (const older of connections.splice(0, connections.indexOf(self))) older.drop();
        }
        onEvent(event);
      },
      listen,
    );
    socket.addEventListener(
      'close',
      ({ code }) => {
        quit.abort();
        const at = connections.indexOf(self);
        connections.splice(at, 1);
        closed(code, at === connections.length);
      },
      listen,
    );
  };

  open();
  return {
    close: closeAll,
    setHidden: (next) => {
      if (next === hidden) return;
      hidden = next;
      for (const { opened, send } of connections) if (opened) send({ type: 'visibility', hidden });
    },
    retryNow: () => {
      if (stopWait && retrying) openAfter(random() * onlineWait);
    },
  };
}

function inBrowserTime(run: () => void, ms: number): () => void {
  const timer = setTimeout(run, ms);
  return () => clearTimeout(timer);
}
