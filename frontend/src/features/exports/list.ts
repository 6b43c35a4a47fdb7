import type { Job } from '@/shared/api/client';
import type { Jobs } from '@/shared/jobs/cache';
import { h, icon } from '@/shared/ui/dom';
import { included, isRunning, looks, size, standing } from './words';

/** The table of exports. */
export interface ExportList {
  element: HTMLElement;
  show(jobs: Jobs): void;
}

const newest = 25;

/**
 * Makes the table. Only rows that look different are replaced, so that focus and pointer keep their place while other
 * jobs move. A press of Download asks for the file by its job.
 */
export function exportList(onDownload: (job: Job) => void): ExportList {
  const rows = h('tbody', { role: 'rowgroup' });
  const head = h('tr', { role: 'row' });
  for (const [title, side] of [
    ['Status'],
    ['What'],
    ['Requested by'],
    ['Started'],
    ['Rows', 'end'],
    ['Size', 'end'],
  ] as const) {
    head.append(h('th', { scope: 'col', role: 'columnheader', class: side ?? '' }, title));
  }
  head.append(h('th', { scope: 'col', role: 'columnheader' }, h('span', { class: 'unseen' }, 'Action')));
  const spoken = h('p', { class: 'unseen', 'aria-live': 'polite' });
  const table = h(
    'table',
    { role: 'table', 'aria-label': 'Newest exports' },
    h('thead', { role: 'rowgroup' }, head),
    rows,
  );
  const empty = emptyState();
  const shown = new Map<string, { row: HTMLTableRowElement; job: Job }>();

  return {
    element: h('div', { class: 'exports' }, table, empty, spoken),
    show(jobs) {
      table.hidden = jobs.length === 0;
      empty.hidden = !table.hidden;
      const current = jobs.slice(0, newest).map((job) => {
        const before = shown.get(job.jobId);
        const row = jobRow(job, onDownload);
        if (before && before.job.status !== job.status) spoken.textContent = `${job.words}: ${looks[job.status].label}`;
        const kept = before?.row.isEqualNode(row) ? before.row : row;
        if (before && kept === row) before.row.replaceWith(row);
        shown.set(job.jobId, { row: kept, job });
        return kept;
      });
      if (current.some((row, i) => rows.children[i] !== row) || rows.children.length !== current.length) {
        rows.replaceChildren(...current);
      }
    },
  };
}

function jobRow(job: Job, onDownload: (job: Job) => void): HTMLTableRowElement {
  const { users } = job.progress;
  const file = job.files.find(({ kind }) => kind === 'users') ?? job.files[0];
  const started = new Date(job.startedAt ?? job.createdAt);
  const bytes = file?.bytes ?? users.bytes;
  const count = file?.rows ?? users.rows;
  // The roles are said, since the narrow layout would take them away.
  const cell = (className: string, ...children: (Node | string | null)[]) =>
    h('td', { role: 'cell', class: className }, ...children);
  return h(
    'tr',
    { role: 'row', 'data-job': job.jobId, 'data-status': job.status },
    cell('state', status(job)),
    cell('what', line('first', job.words), isRunning(job) ? bar(job) : null, second(job)),
    cell('whose', line('first', job.requestedBy), line('second', job.origin === 'console' ? 'Console' : 'API')),
    cell('when', h('time', { datetime: started.toISOString(), title: started.toISOString() }, when(started))),
    cell(count > 0 ? 'end rows' : 'end none', count > 0 ? count.toLocaleString() : '–'),
    cell(bytes > 0 ? 'end' : 'end none', bytes > 0 ? size(bytes) : '–'),
    cell('end action', job.downloadUrl && file ? download(job, size(file.bytes), onDownload) : null),
  );
}

function line(className: 'first' | 'second', words: string): HTMLElement {
  return h('span', { class: className, dir: 'auto' }, words);
}

function status({ status }: Job): HTMLElement {
  const { label, tone, icon: sign } = looks[status];
  return h('span', { class: `status ${tone}` }, sign ? icon(sign) : h('i', { class: 'dot' }), label);
}

function second(job: Job): HTMLElement {
  const words = job.status === 'completed' ? included(job) : standing(job);
  return line('second', isRunning(job) ? `${words} · ${job.progress.percent}%` : words);
}

function bar(job: Job): HTMLElement {
  const element = h('div', { class: 'cells', role: 'progressbar', 'aria-label': `Progress of ${job.words}` });
  const filled = h('i');
  if (job.status === 'preparing') {
    element.classList.add('waiting'); // how far is not known: no value
  } else {
    element.setAttribute('aria-valuenow', String(job.progress.percent));
    element.setAttribute('aria-valuetext', standing(job));
    filled.style.width = `${job.progress.percent}%`;
  }
  element.append(filled);
  return element;
}

function download(job: Job, words: string, onDownload: (job: Job) => void): HTMLElement {
  const button = h(
    'button',
    { type: 'button', class: 'button', title: `Download ${words}` },
    icon('download'),
    'Download',
  );
  button.addEventListener('click', () => onDownload(job));
  return button;
}

function emptyState(): HTMLElement {
  const example = [
    "curl -b 'egress_session=…' -H 'Content-Type: application/json' \\",
    `  -d '{"include":{"attributes":true,"grants":true}}' \\`,
    `  ${location.origin}/v4/user-export-jobs`,
  ].join('\n');
  return h(
    'div',
    { class: 'empty' },
    h('h2', {}, 'No exports yet'),
    h('p', {}, 'Start one over the API; it appears here as it runs.'),
    h('pre', { tabindex: '0', 'aria-label': 'An example' }, example),
  );
}

// The hour of today's, the day of others; the exact instant is in the tooltip.
function when(time: Date): string {
  const today = new Date().toDateString() === time.toDateString();
  return time.toLocaleString(undefined, today ? { timeStyle: 'short' } : { dateStyle: 'medium' });
}
