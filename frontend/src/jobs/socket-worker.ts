import { makeSharedSockets } from './shared-sockets';
import { browserLocks, servePort } from './worker-port';

// The SharedWorker: one for all tabs of a browser that run the same build. It ends with the last tab.
const locks = browserLocks();
if (locks) {
  const sockets = makeSharedSockets(location.href);
  const lock = locks.hold();
  addEventListener('connect', (event) => {
    if (!(event instanceof MessageEvent)) return;
    for (const port of event.ports) servePort(port, sockets, locks, lock);
  });
}
