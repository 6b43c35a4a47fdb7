import { afterEach, describe, expect, it, vi } from 'vitest';
import { sessionBegan, sessionEnded } from '@/api/session';
import { cachedJob, writeEvent } from '@/jobs/cache';
import { testClient } from '@/shared/testing/render';
import { diskSink } from './disk-sink';
import { sha256 } from './sha256';
import { allDownloads, allRuns, cancelWithStream, putDownload } from './store';
import { FakeFile } from './testing/files';
import { StreamingServer } from './testing/streams';

const server = await vi.hoisted(async () => (await import('@/shared/testing/server')).fakeServer());
const { prepareReceiver: prepare } = await import('./manager');
const { cancelJob } = await import('@/api/jobs');

const idle = () => expect.poll(() => allRuns().size).toBe(0);

afterEach(async () => {
  for (const run of allRuns().values()) run.stop();
  await idle();
  for (const jobId of allDownloads().keys()) putDownload(jobId, null);
});

// A tab that streams into a file; what waits has waited at once.
async function setup(change: (server: StreamingServer, file: FakeFile) => void = () => {}) {
  const streaming = new StreamingServer();
  const file = new FakeFile();
  change(streaming, file);
  server.answers(streaming.answer);
  const client = testClient();
  const waited: number[] = [];
  const ready = await prepare(client, 'meridian', {
    hasher: async () => {
      const hash = await sha256();
      return { update: async (block) => hash.update(block), digest: async () => hash.digest(), end: () => {} };
    },
    open: () => diskSink(file.handle()),
    pause: async (ms) => void waited.push(ms),
  });
  const job = { ...streaming.job, streamUrl: streaming.streamUrl('users') };
  writeEvent(client, 'meridian', { type: 'job', job }, 'mine');
  ready.run(job, {});
  return {
    client,
    streaming,
    file,
    waited,
    streams: () => expect.poll(() => server.asked.some(({ path }) => path.includes('/streams/'))).toBe(true),
    job: () => cachedJob(client, 'meridian', '01A'),
    run: () => allRuns().get('01A'),
  };
}

const download = () => allDownloads().get('01A');
const asked = (method: string) => server.asked.filter((one) => one.method === method).length;

const hanging = (streaming: StreamingServer) => {
  streaming.course = 'hangs';
};

describe('a stream that breaks', () => {
  it('is a failure of the connection, and leaves no file', async () => {
    const { file, job } = await setup((streaming) => {
      streaming.course = 'breaks';
    });
    await idle();
    expect(file.removed).toBe(true);
    expect(download()).toMatchObject({ phase: 'broken', problem: '' });
    expect(job()?.status).toBe('cancelled'); // the server had not noticed the broken stream, so the tab cancels the job
    expect(server.asked.some(({ path }) => path.endsWith('/confirmations'))).toBe(false);
  });

  it('is a cancel where somebody has cancelled', async () => {
    const { streams, streaming, file, job, client } = await setup(hanging);
    await streams();
    const cancelled = streaming.move({
      status: 'cancelled',
      cancelledBy: 'priya.nair@example.com',
      completedAt: 'now',
    });
    writeEvent(client, 'meridian', { type: 'job', job: cancelled });
    await idle();
    expect(download()).toBeUndefined();
    expect(job()?.cancelledBy).toBe('priya.nair@example.com');
    expect(file.removed).toBe(true);
  });

  it('lets the server say why, where it knows', async () => {
    const error = { code: 'database_unavailable', message: 'The database does not answer.' } as const;
    const { job } = await setup((streaming) => {
      streaming.course = 'breaks';
      const { answer } = streaming;
      Object.assign(streaming, {
        answer: (one: Parameters<typeof answer>[0]) => {
          const response = answer(one);
          if (one.path.includes('/streams/')) streaming.move({ status: 'failed', error, completedAt: 'now' });
          return response;
        },
      });
    });
    await idle();
    expect(job()?.error).toEqual(error);
    expect(download()).toBeUndefined();
    expect(asked('DELETE')).toBe(0);
  });

  it('stays a failure here where the server takes it for a cancel by nobody', async () => {
    const { job } = await setup((streaming) => {
      streaming.course = 'breaks';
      const { answer } = streaming;
      Object.assign(streaming, {
        answer: (one: Parameters<typeof answer>[0]) => {
          const response = answer(one);
          if (one.path.includes('/streams/')) streaming.move({ status: 'cancelled', completedAt: 'now' });
          return response;
        },
      });
    });
    await idle();
    expect(job()?.status).toBe('cancelled');
    expect(download()).toMatchObject({ phase: 'broken', problem: '' });
    expect(asked('DELETE')).toBe(0);
  });

  it('is a failure while nobody answers, and cancels as soon as someone does', async () => {
    const { streaming, job, streams } = await setup((streaming) => {
      streaming.course = 'breaks';
      const { answer } = streaming;
      let calls = 0;
      Object.assign(streaming, {
        answer: (one: Parameters<typeof answer>[0]) => {
          if (one.path.includes('/streams/')) return answer(one);
          calls++;
          if (calls < 4) throw new TypeError('Failed to fetch');
          return answer(one);
        },
      });
    });
    await streams();
    await idle();
    expect(download()).toMatchObject({ phase: 'broken', problem: '' });
    await expect.poll(() => job()?.status).toBe('cancelled');
    expect(streaming.job.status).toBe('cancelled');
  });
});

it('says that the disk is full', async () => {
  const { file, job } = await setup((_, file) => {
    file.room = 2;
  });
  await idle();
  expect(download()?.problem).toMatch(/^There is no room left/);
  expect(job()?.status).toBe('cancelled');
  expect(file.removed).toBe(true);
});

describe('a confirmation', () => {
  it('is repeated until it is delivered', async () => {
    const { waited, streaming, file } = await setup((streaming) => {
      streaming.refusals.push(0, 503, 0);
    });
    await idle();
    expect(waited).toEqual([1_000, 2_000, 4_000]);
    expect(streaming.confirmed).toHaveLength(1);
    expect(download()?.phase).toBe('saved');
    expect(file.removed).toBe(false);
  });

  it('is given up after a minute and a half', async () => {
    const { waited, file } = await setup((streaming) => {
      streaming.refusals.push(...Array.from({ length: 100 }, () => 503));
    });
    await idle();
    const confirming = waited.slice(0, waited.lastIndexOf(15_000) + 1);
    expect(confirming.reduce((sum, ms) => sum + ms, 0)).toBeLessThanOrEqual(90_000);
    expect(confirming.length).toBeGreaterThan(6);
    expect(download()?.phase).toBe('broken');
    expect(file.removed).toBe(true);
  });

  it('that the server does not agree with removes the file, and the job says what happened', async () => {
    const error = { code: 'verification_failed', message: 'What arrived is not what was sent.' } as const;
    const { file, job } = await setup((streaming) => {
      const { answer } = streaming;
      Object.assign(streaming, {
        answer: (one: Parameters<typeof answer>[0]) =>
          one.path.endsWith('/confirmations')
            ? { body: streaming.move({ status: 'failed', error, completedAt: 'now' }) }
            : answer(one),
      });
    });
    await idle();
    expect(job()).toMatchObject({ status: 'failed', error });
    expect(file.removed).toBe(true);
    expect(download()).toBeUndefined();
  });
});

describe('the end of a tab', () => {
  it('is asked about while it streams', async () => {
    const { streams, run } = await setup(hanging);
    await streams();
    expect(dispatchEvent(new Event('beforeunload', { cancelable: true }))).toBe(false);
    run()?.stop();
    await idle();
    expect(dispatchEvent(new Event('beforeunload', { cancelable: true }))).toBe(true);
  });

  it('cancels at once', async () => {
    const { streams, file, streaming } = await setup(hanging);
    await streams();
    dispatchEvent(new Event('pagehide'));
    await idle();
    expect(asked('DELETE')).toBe(1);
    expect(streaming.job.status).toBe('cancelled');
    expect(file.removed).toBe(true);
  });

  it('comes with the end of the session, and says so', async () => {
    const { streams, file } = await setup(hanging);
    await streams();
    sessionEnded();
    await idle();
    expect(download()).toMatchObject({ phase: 'broken', problem: 'Your session has ended.' });
    expect(file.removed).toBe(true);
    sessionBegan();
  });
});

describe('a cancel', () => {
  it('ends the stream quietly, and leaves no file', async () => {
    const { streams, file } = await setup(hanging);
    await streams();
    await cancelWithStream('01A', () => cancelJob('meridian', '01A', { keepalive: true }));
    await idle();
    expect(download()).toBeUndefined();
    expect(file.removed).toBe(true);
  });

  it('that is refused lets it go on', async () => {
    const { streams, run } = await setup(hanging);
    await streams();
    await expect(cancelWithStream('01A', () => Promise.reject(new Error('no')))).rejects.toThrow('no');
    expect(run()?.leaving).toBe(false);
    expect(download()?.phase).toBe('streaming');
    run()?.stop();
    await idle();
  });
});

it('gives a broken job up before the next one is started', async () => {
  const { client, streaming } = await setup((streaming) => {
    streaming.course = 'breaks';
  });
  await idle();
  writeEvent(client, 'meridian', { type: 'job', job: streaming.move({ status: 'downloading', completedAt: null }) });
  const before = asked('DELETE');
  const end = vi.fn();
  await prepare(client, 'meridian', {
    hasher: async () => ({ update: async () => {}, digest: async () => '', end }),
    open: () => diskSink(new FakeFile().handle()),
    pause: async () => {},
  });
  expect(asked('DELETE')).toBe(before + 1);
});
