/** A request that start.js made while the scripts of the screen loaded. */
interface Asked {
  url: string;
  /** The tenant that it named; null for none. */
  tenant: string | null;
  answer: Promise<Response>;
}

declare global {
  interface Window {
    egressAsked?: Asked[];
  }
}

const patience = 5_000; // ms
const started = performance.now(); // the scripts are there

/**
 * Returns the answer to a request that start.js has made already; undefined if there is none. An answer is taken once, and
 * within 5 s after the scripts have loaded, however long that took: whatever asks later wants newer data. A reader that has
 * gone does not stop the request.
 */
export function takeAsked({ url, headers }: Request): Promise<Response> | undefined {
  if (typeof window === 'undefined' || performance.now() - started >= patience) return undefined;
  const asked = window.egressAsked ?? [];
  const index = asked.findIndex((a) => a.url === url && a.tenant === headers.get('Egress-Tenant'));
  return asked.splice(index, index < 0 ? 0 : 1)[0]?.answer;
}

/** Drops the answers that nobody took: they belong to a session that another one replaces. */
export function dropAsked(): void {
  if (typeof window !== 'undefined') delete window.egressAsked;
}
