import type { FileKind } from './picker';
import type { Sink } from './sink';
import { allDownloads, changeDownload, type Offer } from './store';

const releaseDelay = 10 * 60_000; // ms; the browser needs the copy until its download has finished

/**
 * Offers a confirmed file for saving. Each `save` downloads it. The browser's copy is removed 10
 * minutes after the first save, because browsers do not report when a download has finished.
 */
export function offerFile(jobId: string, kind: FileKind, name: string, file: Blob, sink: Sink): Offer {
  const url = URL.createObjectURL(file);
  const release = () => {
    URL.revokeObjectURL(url);
    void sink.abort();
    setOffer(jobId, kind, null);
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
      if (first) setTimeout(release, releaseDelay);
      setOffer(jobId, kind, { ...made, saved: true });
    },
  };
  setOffer(jobId, kind, made);
  return made;
}

function setOffer(jobId: string, kind: FileKind, next: Offer | null): void {
  const others =
    allDownloads()
      .get(jobId)
      ?.offers.filter((one) => one.kind !== kind) ?? [];
  changeDownload(jobId, { offers: next ? [...others, next] : others });
}
