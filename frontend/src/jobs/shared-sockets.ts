import type { Job } from '@/api/client';
import { applyEvent, type Jobs, type SocketEvent, withProgress } from './events';
import { type JobSocket, openJobSocket, type SocketState, socketUrl } from './socket';
import { isLive } from './status';

/** The jobs that a member wants to hear of: those of one admin in one tenant. */
export interface Subject {
  tenant: string;
  /** The admin's email address. Jobs that somebody else requested are never delivered. */
  email: string;
}

/** A message to a member. */
export type MemberMessage =
  | { type: 'event'; event: SocketEvent }
  | { type: 'state'; state: SocketState }
  /** The admin's role may have changed, or another admin has logged in. */
  | { type: 'role' }
  /** A job has ended and no member is visible. One member receives this. */
  | { type: 'unseen'; job: Job };

/** A tab's subscription. */
export interface Membership {
  leave: () => void;
  setHidden: (hidden: boolean) => void;
}

/** Sockets that members share: one for each subject. */
export interface SharedSockets {
  /** Adds a member. If the socket is open and its jobs are known, the member receives them at once. */
  join: (subject: Subject, hidden: boolean, listener: (message: MemberMessage) => void) => Membership;
  /** Records that an admin has logged in: all sockets reopen, and those of other admins end. */
  sessionBegan: (email: string) => void;
  /** Records that the network is back. */
  online: () => void;
}

interface Member {
  hidden: boolean;
  listener: (message: MemberMessage) => void;
}

const mostEnded = 40; // ended jobs that are kept for members who join later

/**
 * Returns sockets that are shared by their members: the tabs of a browser, or this tab alone. A
 * socket opens with its first member and closes with its last. `page` is an address of the server.
 */
export function makeSharedSockets(page: string, openSocket = openJobSocket): SharedSockets {
  const groups = new Map<string, Group>();
  const endGroup = (group: Group) => {
    groups.delete(keyOf(group.subject));
    group.end();
  };
  return {
    join: (subject, hidden, listener) => {
      const key = keyOf(subject);
      const group = groups.get(key) ?? new Group(subject, page, openSocket, endGroup);
      groups.set(key, group);
      const member = { hidden, listener };
      group.add(member);
      return {
        leave: () => {
          if (group.remove(member) && groups.get(key) === group) endGroup(group);
        },
        setHidden: (next) => group.setHidden(member, next),
      };
    },
    sessionBegan: (email) => {
      for (const group of [...groups.values()]) {
        if (group.subject.email === email) group.open();
        else endGroup(group);
      }
    },
    online: () => {
      for (const group of groups.values()) group.retryNow();
    },
  };
}

function keyOf({ tenant, email }: Subject): string {
  return JSON.stringify([tenant, email]);
}

// The members of one socket.
class Group {
  private readonly members = new Set<Member>(); // the most recently hidden one last
  private socket: JobSocket | undefined;
  private state: SocketState = 'away';
  private known: Jobs | undefined; // undefined until the first message
  private readonly foreign = new Set<string>(); // ids of jobs that another admin requested

  constructor(
    readonly subject: Subject,
    private readonly page: string,
    private readonly openSocket: typeof openJobSocket,
    private readonly onEnded: (group: Group) => void,
  ) {}

  add(member: Member): void {
    this.members.add(member);
    if (!this.socket) this.open();
    else this.applyHidden();
    if (this.state !== 'open') return;
    member.listener({ type: 'state', state: 'open' });
    if (this.known) member.listener({ type: 'event', event: { type: 'snapshot', jobs: this.known } });
  }

  // Reports whether no member is left.
  remove(member: Member): boolean {
    if (this.members.delete(member)) this.applyHidden();
    return this.members.size === 0;
  }

  setHidden(member: Member, hidden: boolean): void {
    if (!this.members.delete(member)) return;
    member.hidden = hidden;
    this.members.add(member);
    this.applyHidden();
  }

  // Opens the socket, in place of the one before.
  open(): void {
    this.socket?.close();
    this.setState('away');
    this.socket = this.openSocket({
      url: socketUrl(this.page, this.subject.tenant),
      onEvent: (event) => this.receive(event),
      onState: (state) => (state === 'ended' ? this.onEnded(this) : this.setState(state)),
      onRole: () => this.tell({ type: 'role' }),
    });
    this.applyHidden();
  }

  // Closes the socket, and tells the members that the session has ended.
  end(): void {
    this.socket?.close();
    this.setState('ended');
    this.members.clear();
  }

  retryNow(): void {
    this.socket?.retryNow();
  }

  private applyHidden(): void {
    if (this.members.size > 0) this.socket?.setHidden(this.isHidden());
  }

  private isHidden(): boolean {
    return [...this.members].every(({ hidden }) => hidden);
  }

  private setState(state: SocketState): void {
    if (state === this.state) return;
    this.state = state;
    this.tell({ type: 'state', state });
  }

  private tell(message: MemberMessage): void {
    for (const { listener } of [...this.members]) listener(message);
  }

  private receive(event: SocketEvent): void {
    if (event.type === 'progress') {
      if (this.foreign.has(event.jobId)) return;
      this.known = this.known?.map((job) => (job.jobId === event.jobId ? withProgress(job, event) : job));
      this.tell({ type: 'event', event });
      return;
    }
    const incoming = event.type === 'job' ? [event.job] : event.jobs;
    const jobs = incoming.filter((job) => this.isOwn(job));
    // The cookie may have become that of another admin since the tabs were opened.
    if (jobs.length < incoming.length) this.tell({ type: 'role' });
    if (event.type === 'job' && jobs.length === 0) return;

    const before = new Map(this.known?.map((job) => [job.jobId, job]));
    this.known = applyEvent(this.known ?? [], { type: 'snapshot', jobs }).filter(
      (job, i) => i < mostEnded || isLive(job),
    );
    this.tell({ type: 'event', event: event.type === 'job' ? event : { type: 'snapshot', jobs } });
    for (const job of this.known) {
      const known = before.get(job.jobId);
      if (known && isLive(known) && !isLive(job)) this.tellIfUnseen(job);
    }
  }

  private isOwn({ jobId, requestedBy }: Job): boolean {
    const own = this.subject.email === requestedBy;
    if (!own) this.foreign.add(jobId);
    return own;
  }

  private tellIfUnseen(job: Job): void {
    if (this.isHidden()) [...this.members].at(-1)?.listener({ type: 'unseen', job });
  }
}
