import type { TabStatus } from './tab-status';

// The strokes and fills of the site's icon. A data URI cannot use the tokens of the page.
const style =
  '<style>.f{stroke:#15201b}.t{fill:#b9c1bc}.live,.done{fill:#0a7b52}.warn{fill:#b07a14}.fail{fill:#cf3b37}' +
  '.idle{fill:#868f89}.s{stroke:#fff}@media(prefers-color-scheme:dark){.f{stroke:#e8eeea}.t{fill:#4a544e}' +
  '.live,.done{fill:#46be87}.warn{fill:#d9a441}.fail{fill:#ef6b63}.s{stroke:#15201b}}</style>';
const frame =
  '<path class="f" fill="none" stroke-width="4" stroke-linecap="round" stroke-linejoin="round" ' +
  'd="M20 6H8a4 4 0 0 0-4 4v12a4 4 0 0 0 4 4h12"/>';
// What lies in the circle, so that outcomes differ by more than their color.
const marks = {
  done: 'M17.5 22l3.5 3.5 6-7',
  warn: 'M22 16.5v6m0 4v.2',
  fail: 'M22 16.5v6m0 4v.2',
  idle: 'M18 22h8',
};

/** Returns the tab's icon as a data URI: the site's icon with a bar as its row of cells, or with the outcome. */
export function tabIcon({ kind, percent }: Pick<TabStatus, 'kind' | 'percent'>): string {
  const drawing = kind === 'running' ? bar(percent) : badge(kind);
  const svg = `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 32 32">${style}${frame}${drawing}</svg>`;
  return `data:image/svg+xml,${encodeURIComponent(svg)}`;
}

const left = 9;
const width = 23;

function bar(percent: number | null): string {
  const done = Math.round((Math.max(0, Math.min(100, percent ?? 0)) / 100) * width * 2) / 2;
  return (
    `<rect class="t" x="${left}" y="11" width="${width}" height="10" rx="1"/>` +
    `<rect class="live" x="${left}" y="11" width="${done}" height="10" rx="1"/>`
  );
}

function badge(kind: keyof typeof marks): string {
  return (
    `<circle class="${kind}" cx="22" cy="22" r="10"/>` +
    `<path class="s" fill="none" stroke-width="3" stroke-linecap="round" stroke-linejoin="round" d="${marks[kind]}"/>`
  );
}

let original: string | null = null;

/** Shows an icon in the browser's tab; null restores the site's own. */
export function showTabIcon(icon: string | null): void {
  const link = document.querySelector<HTMLLinkElement>('link[rel="icon"]');
  if (!link) return;
  original ??= link.getAttribute('href');
  const href = icon ?? original;
  if (href !== null && link.getAttribute('href') !== href) link.setAttribute('href', href);
}
