import type { QueryClient } from '@tanstack/react-query';
import { ApiError, inTenant, type Job, type Problem } from '@/shared/api/client';
import { knownJob } from '@/shared/jobs/store';
import { askJob, confirm } from './confirm';
import type { Hasher } from './hash';
import type { Tools } from './manager';
import { offer } from './offer';
import { fileName, type Kind } from './places';
import { BrokenStream, type Receipt, receive } from './receive';
import type { Sink } from './sink';
import { watchStream } from './stall';
import { allDownloads, changeDownload } from './store';

/** What a run is made in. */
export interface Surroundings {
  client: QueryClient;
  tenant: string;
  tools: Tools;
  hasher: Hasher;
}

/** The server has another view of a file than this tab: its job says which. */
export class Refused extends Error {
  override readonly name = 'Refused';
  constructor(readonly job: Job) {
    super('refused');
  }
}

/**
 * Brings the file whose stream the job waits for, from its first byte to its confirmation, and answers with the job as it
 * is then. Until that it is no file: whatever fails, what was written is removed.
 */
export async function bring(
  around: Surroundings,
  job: Job,
  place: FileSystemFileHandle | undefined,
  signal: AbortSignal,
): Promise<Job> {
  const kind = kindOf(job);
  const sink = await around.tools.open(place, `${job.jobId}-${kind}`);
  changeDownload(job.jobId, { held: sink.held });
  try {
    const receipt = await stream(around, job, sink, signal);
    const answer = await confirmed(around, job, { kind, ...receipt }, signal);
    if (!isGood(answer, kind)) throw new Refused(answer);
    await handOver(around.tenant, answer, kind, sink);
    return answer;
  } catch (reason) {
    await sink.abort();
    throw reason;
  }
}

/** Which file the job waits for. */
export function kindOf({ streamUrl }: Job): Kind {
  return streamUrl?.endsWith('/state_events') ? 'state_events' : 'users';
}

async function stream(
  { client, tenant, hasher }: Surroundings,
  { jobId, streamUrl }: Job,
  sink: Sink,
  signal: AbortSignal,
): Promise<Receipt> {
  const own = new AbortController();
  const end = () => own.abort();
  signal.addEventListener('abort', end, { once: true });
  if (signal.aborted) end();
  const watch = watchStream({
    known: () => knownJob(client, tenant, jobId),
    ask: () => askJob(tenant, jobId, signal),
    over: end,
  });
  try {
    return await receive(await open(tenant, streamUrl ?? '', own.signal), sink, hasher, watch.arrived);
  } finally {
    watch.end();
    signal.removeEventListener('abort', end);
  }
}

async function open(tenant: string, path: string, signal: AbortSignal): Promise<ReadableStream<Uint8Array>> {
  const request = new Request(new URL(path, location.origin), { headers: inTenant(tenant), cache: 'no-store', signal });
  const lost = (cause: unknown) => Promise.reject(new BrokenStream('not opened', { cause }));
  const response = await fetch(request).catch(lost);
  if (response.ok && response.body) return response.body;
  const problem: Partial<Problem> = await response.json().catch(() => ({}));
  const message = problem.detail ?? `The server answered with status ${response.status}.`;
  throw new ApiError(response.status, problem.code ?? 'internal', message, problem);
}

// An answer that was lost may have been given: the job knows the file then.
async function confirmed(
  { tenant, tools }: Surroundings,
  { jobId }: Job,
  file: Receipt & { kind: Kind },
  signal: AbortSignal,
): Promise<Job> {
  try {
    return await confirm(tenant, jobId, file, signal, tools.pause);
  } catch (error) {
    const job = await askJob(tenant, jobId, signal);
    if (job.files.some(({ kind, sha256 }) => kind === file.kind && sha256 === file.sha256)) return job;
    throw error;
  }
}

function isGood({ status }: Job, kind: Kind): boolean {
  if (status === 'completed') return true;
  return kind === 'users' && (status === 'downloading_state_events' || status === 'completed_with_errors');
}

async function handOver(tenant: string, job: Job, kind: Kind, sink: Sink): Promise<void> {
  const file = await sink.file();
  if (!file) return;
  const known = job.files.find((one) => one.kind === kind)?.name;
  const isFirst = allDownloads().get(job.jobId)?.offers.length === 0;
  const made = offer(job.jobId, kind, known ?? fileName(kind, tenant, job.definition, new Date()), file, sink);
  if (isFirst) made.save(); // browsers stop a second download that nobody has clicked for
}
