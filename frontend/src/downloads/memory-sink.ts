import { type Sink, SinkError } from './sink';

/** The largest file in memory, in bytes. A phone's tab survives this size. */
export const mostInMemory = 500_000_000;

/** Keeps the file in memory. Use it if the browser has no other storage. */
export function memorySink(most = mostInMemory): Sink {
  let parts: Blob[] = [];
  let sent = 0;
  return {
    held: 'memory',
    write: async (block) => {
      sent += block.byteLength;
      if (sent > most) {
        throw new SinkError(
          `This browser can hold ${most / 1_000_000} MB of a file at most. Use another browser, compress the file, or narrow the filter.`,
        );
      }
      parts.push(new Blob([block])); // a copy: browsers may move it out of the page's memory
    },
    close: async () => {},
    abort: async () => {
      parts = [];
    },
    file: async () => new Blob(parts),
  };
}
