import type { TenantJob } from '@/jobs/live';
import { isLive } from '@/jobs/status';
import { counted } from '@/shared/ui/format';
import { isBroken, type TabJob, type Toast, toastOf } from './toast';

/** The exports that the open page shows: all of a tenant, or one job. */
export interface ShownExports {
  tenant: string;
  /** Null for the list of exports. */
  jobId: string | null;
}

/** The ended exports that have no card of their own. */
export interface Folded {
  /** "3 exports are ready". */
  title: string;
  /** The tenant of the newest one. */
  tenant: string;
}

/** The visible toasts. */
export interface Stack {
  /** Oldest first, so the newest is at the bottom. */
  shown: readonly Toast[];
  folded: Folded | null;
  /** The number of live exports without a card. */
  moreLive: number;
  /** Hidden exports whose toasts would close by themselves: they go with the next dismissal. */
  passing: readonly string[];
  /** What "Dismiss all" dismisses: every ended export whose file does not need this tab. */
  dismissible: readonly string[];
  /** Whether the jobs belong to several tenants, so that each toast names its tenant. */
  named: boolean;
}

/** What decides which jobs have a toast. */
export interface StackOptions {
  dismissed: ReadonlySet<string>;
  /** When the page was opened, in ms since the epoch. */
  openedAt: number;
  /** What the open page shows; null for any other page. */
  page: ShownExports | null;
  /** Whether there is room for one card only. */
  compact: boolean;
}

const recentPeriod = 12 * 60 * 60 * 1000; // ms; an unused session lives as long
const maxCards = 3;

/**
 * Returns the toasts of the jobs. A live job always has one. An ended job has one until it is
 * dismissed, provided that it ended after the page was opened or at most 12 hours before. So all
 * tabs of an admin show the same toasts, also after a reload; an open page loses no toast; and
 * yesterday's jobs do not appear. A page that shows the job replaces its toast. Of the ended jobs
 * the newest has a card, and the others are folded.
 */
export function stackOf(jobs: readonly TabJob[], options: StackOptions): Stack {
  const all = jobs.filter((one) => hasToast(one, options)).toSorted((a, b) => rank(a) - rank(b) || byId(b, a));
  const ended = all.filter((one) => rank(one) === 2);
  // A card for everything that lives or needs this tab, and for the newest of the rest.
  const cards = [...all.filter((one) => rank(one) < 2), ...ended.slice(0, 1)].slice(0, options.compact ? 1 : maxCards);
  const hidden = all.filter((one) => !cards.includes(one));
  const passing = hidden.filter((one) => !lives(one) && closesItself(one));
  const folded = hidden.filter((one) => !lives(one) && !closesItself(one));
  return {
    shown: cards.toSorted(byId).map(toastOf),
    folded: foldedOf(folded),
    moreLive: hidden.filter(lives).length,
    passing: passing.map(({ job }) => job.jobId),
    dismissible: ended.map(({ job }) => job.jobId),
    named: new Set(cards.map(({ tenant }) => tenant)).size > 1,
  };
}

/**
 * Returns the jobs that had ended when the admin opened the page that shows them: their toasts do not
 * come back.
 */
export function seenOn(page: ShownExports, since: number, jobs: readonly TabJob[]): readonly string[] {
  return jobs
    .filter((one) => isOn(page, one) && !lives(one) && !needsTab(one) && Date.parse(one.job.completedAt ?? '') <= since)
    .map(({ job }) => job.jobId);
}

function hasToast(one: TabJob, { dismissed, openedAt, page }: StackOptions): boolean {
  if (page && isOn(page, one)) return false;
  if (lives(one)) return true;
  return !dismissed.has(one.job.jobId) && isRecent(one, openedAt);
}

// 0: lives; 1: this tab has what no page shows; 2: any other ended job.
function rank(one: TabJob): number {
  if (lives(one)) return 0;
  return needsTab(one) ? 1 : 2;
}

// Reports whether a page shows what the toast of a job would. No page shows a file that this tab
// could not receive or has not saved, and only the job's own page replaces the toast of a stream.
function isOn({ tenant, jobId }: ShownExports, one: TabJob): boolean {
  if (tenant !== one.tenant || needsTab(one)) return false;
  return jobId === null ? one.download?.phase !== 'streaming' : jobId === one.job.jobId;
}

function needsTab(one: TabJob): boolean {
  return isBroken(one) || (one.download?.offers.some(({ saved }) => !saved) ?? false);
}

function closesItself(one: TabJob): boolean {
  const toast = toastOf(one);
  return toast.kind !== 'running' && toast.closesAfter !== null;
}

function foldedOf(jobs: readonly TabJob[]): Folded | null {
  const [newest] = jobs;
  if (!newest) return null;
  const ready = jobs.every(({ job }) => job.status === 'completed');
  const title = ready
    ? counted(jobs.length, 'export is ready', 'exports are ready')
    : counted(jobs.length, 'export has ended', 'exports have ended');
  return { title, tenant: newest.tenant };
}

function byId(a: TenantJob, b: TenantJob): number {
  return a.job.jobId < b.job.jobId ? -1 : 1;
}

function lives(one: TabJob): boolean {
  return isLive(one.job) && !isBroken(one);
}

function isRecent(one: TabJob, openedAt: number): boolean {
  const { completedAt } = one.job;
  return isBroken(one) || (completedAt !== null && Date.parse(completedAt) > openedAt - recentPeriod);
}
