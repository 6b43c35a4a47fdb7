import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';

/** A TCP proxy in front of a server that counts the WebSockets of its clients. */
export interface SocketProxy {
  url: string;
  /** The WebSockets that are open now. */
  open: () => number;
  /** The WebSockets that have been opened so far. */
  opened: () => number;
  close: () => Promise<void>;
}

/** Starts a proxy for the server at the address. A browser makes a new connection for each WebSocket. */
export async function startSocketProxy(target: string): Promise<SocketProxy> {
  const { hostname, port } = new URL(target);
  const clients = new Set<Socket>();
  const webSockets = new Set<Socket>();
  let opened = 0;
  const proxy = createServer((client) => {
    const server = connect(Number(port), hostname);
    clients.add(client);
    client.once('data', (start) => {
      if (!start.toString('latin1').startsWith('GET /ws')) return;
      opened++;
      webSockets.add(client);
    });
    client.once('close', () => {
      clients.delete(client);
      webSockets.delete(client);
    });
    for (const [from, to] of [
      [client, server],
      [server, client],
    ] as const) {
      from.pipe(to);
      from.on('error', () => to.destroy());
      from.on('close', () => to.destroy());
    }
  });
  proxy.listen(0, '127.0.0.1');
  await once(proxy, 'listening');
  return {
    url: `http://localhost:${(proxy.address() as AddressInfo).port}`,
    open: () => webSockets.size,
    opened: () => opened,
    close: async () => {
      for (const client of clients) client.destroy();
      proxy.close();
      await once(proxy, 'close');
    },
  };
}
