import type { Job, JobFile } from '@/api/client';
import { fileOf, jobOf } from '@/shared/testing/jobs';
import type { Exchange } from '@/shared/testing/server';
import { sha256 } from '../sha256';

type Kind = JobFile['kind'];

/** How a stream goes on after its first bytes. */
export type Course = 'whole' | 'breaks' | 'hangs';

/**
 * The server's side of one sync export, for `fakeServer().answers`: it streams each file once,
 * compares what is confirmed, and keeps the job. What it does can be changed between calls.
 */
export class StreamingServer {
  job: Job;
  course: Course = 'whole';
  readonly texts: Record<Kind, string> = { users: 'user_id\r\n01A\r\n', state_events: 'time\r\n' };
  /**
   * Answers in place of the confirmation's own, the first one first; a number is a status, 0
   * nobody.
   */
  readonly refusals: number[] = [];
  readonly confirmed: unknown[] = [];
  /** Whether there is a network. */
  reachable = true;

  constructor(over: Partial<Job> = {}) {
    this.job = jobOf('01A', { mode: 'sync', origin: 'console', version: 1, ...over });
  }

  /** Moves the job on. */
  move(over: Partial<Job>): Job {
    this.job = { ...this.job, ...over, version: this.job.version + 1 };
    return this.job;
  }

  /** The address that the answer to a request names. */
  streamUrl(kind: Kind): string {
    return `/v4/user-export-jobs/01A/streams/${kind}`;
  }

  readonly answer = (asked: Exchange) => {
    if (!this.reachable) throw new TypeError('Failed to fetch');
    const { method, path, signal } = asked;
    const kind = path.endsWith('/state_events') ? 'state_events' : 'users';
    if (path === '/v4/user-export-jobs')
      return { status: 202, body: { ...this.job, streamUrl: this.streamUrl('users') } };
    if (path.includes('/streams/')) return new Response(this.#stream(kind, signal));
    if (path.endsWith('/confirmations')) return this.#confirm(asked.body);
    if (method === 'DELETE') {
      const lives = !this.job.completedAt;
      return { body: lives ? this.move({ status: 'cancelled', cancelledBy: 'me', completedAt: 'now' }) : this.job };
    }
    return path === '/v4/user-export-jobs/01A' ? { body: this.job } : undefined;
  };

  #stream(kind: Kind, signal: AbortSignal | undefined): ReadableStream<Uint8Array> {
    const { course } = this;
    const bytes = new TextEncoder().encode(this.texts[kind]);
    this.move({ status: kind === 'users' ? 'downloading' : 'downloading_state_events' });
    return new ReadableStream({
      start: (controller) => {
        controller.enqueue(bytes.slice(0, 3));
        signal?.addEventListener('abort', () => controller.error(new DOMException('aborted', 'AbortError')));
      },
      pull: (controller) => {
        if (course === 'hangs') return new Promise(() => {});
        if (course === 'breaks') return controller.error(new TypeError('network error'));
        controller.enqueue(bytes.slice(3));
        controller.close();
      },
    });
  }

  async #digest(kind: Kind): Promise<string> {
    const hash = await sha256();
    hash.update(new TextEncoder().encode(this.texts[kind]));
    return hash.digest();
  }

  #confirm(body: unknown) {
    const refusal = this.refusals.shift();
    if (refusal === 0) throw new TypeError('Failed to fetch');
    if (refusal) return { status: refusal, body: { code: 'unavailable', detail: 'Later.' } };
    this.confirmed.push(body);
    const kind = this.job.status === 'downloading' ? 'users' : 'state_events';
    const file = fileOf({ kind, name: `${kind}_meridian.csv` });
    if (kind === 'users' && this.job.definition.stateEvents) {
      const next = this.move({ status: 'downloading_state_events', files: [file] });
      return { body: { ...next, streamUrl: this.streamUrl('state_events') } };
    }
    return { body: this.move({ status: 'completed', completedAt: 'now', files: [...this.job.files, file] }) };
  }

  /** What a tab has to confirm. */
  async receipt(kind: Kind): Promise<{ kind: Kind; bytes: number; sha256: string }> {
    return { kind, bytes: this.texts[kind].length, sha256: await this.#digest(kind) };
  }
}

/** A worker that hashes in the test's own thread. */
export class FakeHashWorker extends EventTarget {
  static ended = 0;
  #hash = sha256();
  postMessage(question: { do: string; block?: Uint8Array }): void {
    void this.#answer(question);
  }
  terminate(): void {
    FakeHashWorker.ended++;
  }
  async #answer(question: { do: string; block?: Uint8Array }): Promise<void> {
    const hash = await this.#hash;
    if (question.block) hash.update(question.block);
    const value = question.do === 'digest' ? hash.digest() : null;
    this.dispatchEvent(new MessageEvent('message', { data: { value } }));
  }
}
