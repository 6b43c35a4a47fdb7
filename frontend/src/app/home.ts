import { exportList } from '@/features/exports/list';
import { ApiError, answered, api, type Job, type Me } from '@/shared/api/client';
import { applyEvent, type JobEvent, type Jobs } from '@/shared/jobs/cache';
import { openJobSocket, socketUrl } from '@/shared/jobs/socket';
import { h } from '@/shared/ui/dom';

interface Ends {
  onEnd: () => void; // the session is over
  onLogOut: () => void;
}

const pollEvery = 5_000; // ms, while there is no socket

/** Makes the page of who you are and what is being exported. It keeps itself current until the session ends. */
export function homePage(me: Me, { onEnd, onLogOut }: Ends): HTMLElement {
  if (me.tenant === null) return nowhere(me);
  const tenant = { 'Egress-Tenant': me.tenant };
  let jobs: Jobs = [];
  const list = exportList((job) => void download(job));
  const link = h('span', { class: 'link', role: 'status' });
  const problem = h('p', { class: 'problem', role: 'alert' });
  const out = h('button', { type: 'button', class: 'button' }, 'Log out');

  const apply = (event: JobEvent) => {
    jobs = applyEvent(jobs, event);
    list.show(jobs);
  };
  const attempt = async (work: () => Promise<void>) => {
    try {
      await work();
      problem.textContent = '';
    } catch (error) {
      if (error instanceof ApiError && error.status === 401) return leave(onEnd);
      problem.textContent = error instanceof Error ? error.message : String(error);
    }
  };
  const poll = () =>
    attempt(async () => {
      const page = await answered(api.GET('/v4/user-export-jobs', { params: { header: tenant } }));
      apply({ type: 'snapshot', jobs: page.results });
    });
  // Links are signed afresh for every answer, so one is asked for when it is wanted and cannot be stale.
  const download = ({ jobId }: Job) =>
    attempt(async () => {
      const path = { jobId };
      const job = await answered(api.GET('/v4/user-export-jobs/{jobId}', { params: { path, header: tenant } }));
      if (job.downloadUrl) location.assign(job.downloadUrl);
      apply({ type: 'job', job });
    });

  let away = true;
  const timer = setInterval(() => away && void poll(), pollEvery);
  const close = openJobSocket({
    url: socketUrl(location.href, me.tenant),
    onEvent: apply,
    onState(state) {
      if (state === 'ended') return leave(onEnd);
      away = state === 'away';
      link.dataset.state = state;
      link.textContent = away ? `Asking every ${pollEvery / 1000} seconds` : 'Live';
    },
  });
  const leave = (then: () => void) => {
    clearInterval(timer);
    close();
    then();
  };
  out.addEventListener('click', () =>
    attempt(async () => {
      await answered(api.POST('/v3/admin/logout'));
      leave(onLogOut);
    }),
  );
  void poll();

  const name = me.tenants.find(({ id }) => id === me.tenant)?.name ?? me.tenant;
  return h(
    'div',
    { class: 'frame' },
    masthead(me, name, out),
    h(
      'main',
      { class: 'sheet' },
      h(
        'div',
        { class: 'title' },
        h('h1', {}, 'Exports'),
        link,
        h('p', {}, 'The newest of this tenant. Times are your own.'),
      ),
      problem,
      list.element,
    ),
  );
}

function masthead(me: Me, tenant: string, ...actions: HTMLElement[]): HTMLElement {
  return h(
    'header',
    { class: 'bar' },
    h('img', { src: '/logo.svg', alt: 'Egress', width: '118', height: '32' }),
    h('span', { class: 'who' }, h('b', { dir: 'auto' }, tenant), h('span', { dir: 'auto' }, me.email)),
    h('a', { href: '/docs/api/' }, 'API reference'),
    ...actions,
  );
}

function nowhere(me: Me): HTMLElement {
  const words = 'You may not work in any tenant yet. An owner of your organisation can let you in.';
  return h(
    'div',
    { class: 'frame' },
    masthead(me, 'No tenant'),
    h('main', { class: 'trouble' }, h('h1', {}, 'Nothing to see'), h('p', {}, words)),
  );
}
