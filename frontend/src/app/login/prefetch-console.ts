/**
 * Loads the scripts and style sheets of the Users screen into the browser's cache, at low priority. Call it when somebody
 * types: a log-in follows, and a visit alone loads nothing for later.
 */
export async function prefetchConsole(): Promise<void> {
  const answer = await fetch('/documents/users.html', { priority: 'low' });
  if (!answer.ok) return;
  const screen = new DOMParser().parseFromString(await answer.text(), 'text/html');
  for (const part of screen.querySelectorAll(
    'script[type=module], link[rel=modulepreload], link[rel=stylesheet]:not([disabled])',
  )) {
    const href = part.getAttribute('src') ?? part.getAttribute('href') ?? '';
    if (document.querySelector(`head [href="${href}"]`)) continue; // this page has it
    const link = document.createElement('link');
    link.rel = 'prefetch';
    link.href = href;
    link.crossOrigin = ''; // as the console will ask for it
    document.head.append(link);
  }
}
