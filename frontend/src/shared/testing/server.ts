import { afterAll } from 'vitest';

/**
 * What a call asked. It is answered with a status and a body as JSON, or a response; an answer that
 * throws is a network that fails.
 */
export interface Exchange {
  method: string;
  path: string;
  /** The query with its "?", "" where there is none. */
  query: string;
  headers: Headers;
  body: unknown;
  /** What the caller gives the call up with. */
  signal: AbortSignal | undefined;
}
type Answered = { status?: number; body: unknown } | Response | undefined;
type Answer = (asked: Exchange) => Answered | Promise<Answered>;

/**
 * Replaces the server of the typed client until the end of the test file. The client reads
 * `Request` when it is loaded, so a test starts with:
 *
 *     const server = await vi.hoisted(
 *       async () => (await import('@/shared/testing/server')).fakeServer(),
 *     );
 */
export function fakeServer() {
  const asked: Exchange[] = [];
  let answer: Answer = () => undefined;
  // Node's Request wants a whole address, and its own kind of signal, which jsdom's is not.
  const signals = new WeakMap<Request, AbortSignal>();
  const real = { Request: globalThis.Request, fetch: globalThis.fetch };
  afterAll(() => {
    Object.assign(globalThis, real);
  });
  globalThis.Request = class extends Request {
    constructor(input: RequestInfo | URL, init: RequestInit = {}) {
      const { signal, ...rest } = init;
      super(typeof input === 'string' ? new URL(input, 'http://egress.test') : input, rest);
      const given = signal ?? (input instanceof Request ? signals.get(input) : undefined);
      if (given) signals.set(this, given);
    }
  };
  globalThis.fetch = async (input) => {
    const request = new Request(input);
    const text = await request.text();
    const { method, url, headers } = request;
    const signal = signals.get(request);
    const { pathname: path, search: query } = new URL(url);
    const exchange = { method, path, query, headers, body: text && JSON.parse(text), signal };
    asked.push(exchange);
    const answered = await answer(exchange);
    if (answered instanceof Response) return answered;
    const { status = 200, body } = answered ?? { status: 404, body: { code: 'not_found', detail: 'Nothing.' } };
    return Response.json(body, { status });
  };
  return {
    /** The calls so far, the first one first. */
    asked,
    /** Forgets the calls and answers those to come. */
    answers: (next: Answer) => {
      asked.length = 0;
      answer = next;
    },
  };
}
