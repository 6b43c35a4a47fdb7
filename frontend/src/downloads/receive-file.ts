import { ApiError, fromConsole, inTenant, type Job, type Problem } from '@/api/client';
import { cachedJob } from '@/jobs/cache';
import { confirmFile, postConfirmation, readJob } from './confirm-file';
import { type FileKind, fileName } from './picker';
import { BrokenStream, type Receipt, receive } from './receive-stream';
import { offerFile } from './save-offer';
import type { Sink } from './sink';
import { watchStream } from './stall-watch';
import { allDownloads, changeDownload } from './store';
import type { DownloadContext } from './tools';

/** The server rejected a confirmation. `job` is the job's state after that. */
export class ConfirmationRefused extends Error {
  override readonly name = 'Refused';
  constructor(readonly job: Job) {
    super('refused');
  }
}

/**
 * Receives the file whose stream the job offers, confirms it, and returns the job's new state. On
 * any failure it removes the written data, so that only a confirmed file is kept.
 */
export async function receiveFile(
  around: DownloadContext,
  job: Job,
  place: FileSystemFileHandle | undefined,
  signal: AbortSignal,
): Promise<Job> {
  const kind = kindOf(job);
  const sink = await around.tools.open(place, `${job.jobId}-${kind}`);
  changeDownload(job.jobId, { held: sink.held });
  try {
    const receipt = await stream(around, job, sink, signal);
    const answer = await confirmReceipt(around, job, { kind, ...receipt }, signal);
    if (!isConfirmed(answer, kind)) throw new ConfirmationRefused(answer);
    await offerForSaving(around.tenant, answer, kind, sink);
    return answer;
  } catch (reason) {
    await sink.abort();
    throw reason;
  }
}

/** Returns which file the job's stream URL is for. */
export function kindOf({ streamUrl }: Job): FileKind {
  return streamUrl?.endsWith('/state_events') ? 'state_events' : 'users';
}

async function stream(
  { client, tenant, hasher }: DownloadContext,
  job: Job,
  sink: Sink,
  signal: AbortSignal,
): Promise<Receipt> {
  const { jobId, streamUrl } = job;
  const kind = kindOf(job);
  let bytes = 0;
  const own = new AbortController();
  const end = () => own.abort();
  signal.addEventListener('abort', end, { once: true });
  if (signal.aborted) end();
  const watch = watchStream({
    known: () => cachedJob(client, tenant, jobId),
    ask: () => readJob(tenant, jobId, signal),
    tell: () => postConfirmation(tenant, jobId, { kind, bytes }, signal),
    over: end,
  });
  const arrived = (count: number) => {
    bytes += count;
    watch.arrived();
  };
  try {
    return await receive(await open(tenant, streamUrl ?? '', own.signal), sink, hasher, arrived);
  } finally {
    watch.end();
    signal.removeEventListener('abort', end);
  }
}

async function open(tenant: string, path: string, signal: AbortSignal): Promise<ReadableStream<Uint8Array>> {
  const request = new Request(new URL(path, location.origin), {
    headers: { ...fromConsole, ...inTenant(tenant) },
    cache: 'no-store',
    signal,
  });
  const lost = (cause: unknown) => Promise.reject(new BrokenStream('not opened', { cause }));
  const response = await fetch(request).catch(lost);
  if (response.ok && response.body) return response.body;
  const problem: Partial<Problem> = await response.json().catch(() => ({}));
  const message = problem.detail ?? `The server answered with status ${response.status}.`;
  throw new ApiError(response.status, problem.code ?? 'internal', message, problem);
}

// Confirms the file. If the answer was lost, the job tells whether the server has recorded the
// confirmation.
async function confirmReceipt(
  { tenant, tools }: DownloadContext,
  { jobId }: Job,
  file: Receipt & { kind: FileKind },
  signal: AbortSignal,
): Promise<Job> {
  try {
    return await confirmFile(tenant, jobId, file, signal, tools.pause);
  } catch (error) {
    const job = await readJob(tenant, jobId, signal);
    if (job.files.some(({ kind, sha256 }) => kind === file.kind && sha256 === file.sha256)) return job;
    throw error;
  }
}

function isConfirmed({ status }: Job, kind: FileKind): boolean {
  if (status === 'completed') return true;
  return kind === 'users' && (status === 'downloading_state_events' || status === 'completed_with_errors');
}

async function offerForSaving(tenant: string, job: Job, kind: FileKind, sink: Sink): Promise<void> {
  const file = await sink.file();
  if (!file) return;
  const known = job.files.find((one) => one.kind === kind)?.name;
  const isFirst = allDownloads().get(job.jobId)?.offers.length === 0;
  const made = offerFile(job.jobId, kind, known ?? fileName(kind, tenant, job.definition, new Date()), file, sink);
  if (isFirst) made.save(); // browsers block a second download without a click
}
