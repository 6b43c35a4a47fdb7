import type { Features, Job, JobFile } from '@/api/client';

/** A queued job for tests, with what a test cares about put over it. */
export function jobOf(jobId: string, over: Partial<Job>): Job {
  const users = { bytes: 0, bytesTotal: 0, bytesTotalExact: false, rows: 0, rowsTotal: 0, users: 0, usersTotal: 0 };
  return {
    jobId,
    status: 'queued',
    outcome: null,
    mode: 'async',
    origin: 'api',
    requestedBy: 'amelia.hart@example.com',
    cancelledBy: null,
    cancelReason: null,
    definition: { include: { attributes: true, foreignKeys: false, grants: false } },
    words: 'Everyone',
    createdAt: '2026-11-23T08:31:28.000Z',
    startedAt: null,
    completedAt: null,
    expiresAt: null,
    attempt: 0,
    resumes: 0,
    queuePosition: null,
    progress: {
      phase: 'queued',
      percent: 0,
      users,
      stateEvents: null,
      rowsPerSecond: 0,
      etaSeconds: null,
      throughput: null,
    },
    columns: 0,
    files: [],
    downloadUrl: null,
    streamUrl: null,
    mail: null,
    retry: null,
    warnings: [],
    error: null,
    history: [],
    version: 0,
    ...over,
  };
}

/** A tenant's features: exports are stored, or streamed by the tab that starts them. */
export function featuresOf(mode: Job['mode']): Features {
  return { 'feature.asyncUserExport.enabled': mode === 'async', 'feature.stateEventsExport.enabled': true };
}

/** A finished users file that is not compressed, with what a test cares about put over it. */
export function fileOf(over: Partial<JobFile> = {}): JobFile {
  const bytes = over.bytes ?? 48_112_640;
  return {
    kind: 'users',
    name: 'users_meridian_20261123T083105Z.csv',
    compression: 'none',
    bytes,
    csvBytes: bytes,
    rows: 61_904,
    users: 48_201,
    columns: 36,
    sha256: '9f2c1be07a54d3861fe0b6c85d7742a91c03ee58b7d6f4409ab81d25c6730fe4',
    fileUrl: null,
    downloadUrl: null,
    downloadUrlExpiresAt: null,
    ...over,
  };
}
