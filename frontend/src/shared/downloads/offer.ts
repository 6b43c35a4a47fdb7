import type { Kind } from './places';
import type { Sink } from './sink';
import { allDownloads, changeDownload, type Offer } from './store';

const afterSave = 10 * 60_000; // ms that the browser has to copy a file that it downloads

/**
 * Offers a proven file as a download: a click saves it, now and again. Its copy is removed some minutes after it was first
 * saved; a browser does not say when it has finished.
 */
export function offer(jobId: string, kind: Kind, name: string, file: Blob, sink: Sink): Offer {
  const url = URL.createObjectURL(file);
  const release = () => {
    URL.revokeObjectURL(url);
    void sink.abort();
    put(jobId, kind, null);
  };
  const made: Offer = {
    kind,
    name,
    saved: false,
    drop: release,
    save: () => {
      const link = document.createElement('a');
      link.href = url;
      link.download = name;
      link.click();
      const first =
        allDownloads()
          .get(jobId)
          ?.offers.find((one) => one.kind === kind)?.saved === false;
      if (first) setTimeout(release, afterSave);
      put(jobId, kind, { ...made, saved: true });
    },
  };
  put(jobId, kind, made);
  return made;
}

function put(jobId: string, kind: Kind, next: Offer | null): void {
  const others =
    allDownloads()
      .get(jobId)
      ?.offers.filter((one) => one.kind !== kind) ?? [];
  changeDownload(jobId, { offers: next ? [...others, next] : others });
}
