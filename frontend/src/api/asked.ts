/** A request that start.js made while the scripts of the screen loaded. */
interface Asked {
  url: string;
  /** The tenant that it named; null for none. */
  tenant: string | null;
  /** When it was made, in ms since the start of the page. */
  at: number;
  answer: Promise<Response>;
}

declare global {
  interface Window {
    egressAsked?: Asked[];
  }
}

const fresh = 5_000; // ms

/**
 * Returns the answer to a request that start.js has made already; undefined if there is none. An answer is taken once, and
 * within 5 s after its request: whatever asks later wants newer data. A reader that has gone does not stop the request.
 */
export function takeAsked({ url, headers }: Request): Promise<Response> | undefined {
  if (typeof window === 'undefined') return undefined;
  const asked = window.egressAsked;
  if (!asked) return undefined;
  const now = performance.now();
  const index = asked.findIndex(
    (a) => a.url === url && a.tenant === headers.get('Egress-Tenant') && now - a.at < fresh,
  );
  return asked.splice(index, index < 0 ? 0 : 1)[0]?.answer;
}
