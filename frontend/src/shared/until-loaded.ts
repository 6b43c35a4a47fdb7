const wait = 5_000; // ms

/**
 * Loads code that a page can do without for a while. If that fails, as without a network, it tries again when the browser
 * has a network, or after 5 s: an error would replace the whole page. `failed` is called once, at the first failure.
 */
export async function untilLoaded<T>(load: () => Promise<T>, failed?: () => void): Promise<T> {
  for (let first = true; ; first = false) {
    try {
      return await load();
    } catch {
      if (first) failed?.();
      await new Promise<void>((resolve) => {
        const again = () => {
          clearTimeout(timer);
          removeEventListener('online', again);
          resolve();
        };
        const timer = setTimeout(again, wait);
        addEventListener('online', again);
      });
    }
  }
}
