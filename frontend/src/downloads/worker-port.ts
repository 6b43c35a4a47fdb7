/** A worker's reply: a value, or an error. */
export type Reply = { value: unknown } | { name: string; message: string };

/**
 * Returns a function that sends a request to a worker and resolves to its reply. `hand` lists
 * memory to transfer.
 */
export function workerClient(worker: Pick<Worker, 'addEventListener' | 'postMessage'>) {
  const waiting: { resolve: (value: unknown) => void; reject: (reason: Error) => void }[] = [];
  worker.addEventListener('message', ({ data }: MessageEvent<Reply>) => {
    const asked = waiting.shift();
    if ('value' in data) asked?.resolve(data.value);
    else asked?.reject(new DOMException(data.message, data.name));
  });
  worker.addEventListener('error', () => {
    for (const { reject } of waiting.splice(0)) reject(new Error('A part of this page could not be loaded.'));
  });
  return (question: object, hand: Transferable[] = []): Promise<unknown> =>
    new Promise((resolve, reject) => {
      waiting.push({ resolve, reject });
      worker.postMessage(question, hand);
    });
}

/** Answers requests in a worker, one after another. */
export function serveRequests<Question>(answer: (question: Question) => unknown): void {
  let last: Promise<void> = Promise.resolve();
  addEventListener('message', ({ data }: MessageEvent<Question>) => {
    last = last.then(async () => postMessage(await replyTo(answer, data)));
  });
}

async function replyTo<Question>(answer: (question: Question) => unknown, question: Question): Promise<Reply> {
  try {
    return { value: await answer(question) };
  } catch (reason) {
    const { name, message } = reason instanceof Error ? reason : new Error('unknown');
    return { name, message };
  }
}
