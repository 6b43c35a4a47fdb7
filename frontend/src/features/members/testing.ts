import type { Admin, PendingInvitation, Role, Session } from '@/api/client';

/** Returns a member for tests, with the given fields replaced. */
export function memberOf(user_id: string, over: Partial<Admin> = {}): Admin {
  return {
    user_id,
    email: `${user_id}@example.com`,
    name: user_id.toUpperCase(),
    role: 'exporter',
    everywhere: false,
    secondFactor: false,
    created: '2026-11-02T09:15:00.000Z',
    ...over,
  };
}

const day = 86_400_000; // ms
const daysFromNow = (days: number) => new Date(Date.now() + days * day).toISOString();

/** Returns an invitation for tests, two days old. */
export function invitationOf(id: string, over: Partial<PendingInvitation> = {}): PendingInvitation {
  return {
    id,
    email: `${id}@example.com`,
    role: 'viewer',
    created: daysFromNow(-2),
    expires: daysFromNow(5),
    expired: false,
    ...over,
  };
}

/** A session for tests. */
export function sessionOf(id: string, over: Partial<Session> = {}): Session {
  return {
    id,
    created: '2026-11-02T09:15:00.000Z',
    lastUsed: daysFromNow(-1),
    expires: daysFromNow(1),
    address: '203.0.113.7',
    userAgent:
      'Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/143.0.0.0 Safari/537.36',
    secondFactor: false,
    current: false,
    ...over,
  };
}

interface Asked {
  method: string;
  path: string;
  body: unknown;
}

/** A fake of the members API, for `fakeServer().answers`. It stores changes. */
export class MemberServer {
  members: Admin[];
  invitations: PendingInvitation[];
  sessions: Session[] = [];
  /** The calls that it refuses, with their status and message, by default "Not now." */
  refuses: { method: string; status: number; field?: string; detail?: string } | null = null;
  /** Whether links are sent by email. */
  mails = false;
  /** Changes wait for this promise. */
  until: Promise<void> | null = null;
  /** The answer to `GET /v4/me`. */
  me: unknown = null;

  constructor(members: Admin[], invitations: PendingInvitation[] = []) {
    this.members = members;
    this.invitations = invitations;
  }

  readonly answer = async ({ method, path, body }: Asked) => {
    if (method !== 'GET') await this.until;
    if (this.refuses?.method === method) {
      const { status, field, detail = 'Not now.' } = this.refuses;
      return { status, body: { code: status === 409 ? 'exists' : 'unavailable', detail, field, requestId: 'R1' } };
    }
    if (path === '/v4/me') return { body: this.me };
    const given = typeof body === 'object' && body ? (body as { email?: string; role?: Role }) : {};
    const [, , , id, more, last] = path.split('/');
    if (!id) return this.list(method, given);
    if (id === 'invitations') return this.invitation(method, more, last);
    if (more === 'sessions') return this.session(method, last);
    return this.member(method, id, given.role);
  };

  private list(method: string, given: { email?: string; role?: Role }) {
    if (method === 'GET') return { body: { results: this.members, invitations: this.invitations } };
    const email = given.email ?? '';
    const made = invitationOf(email.split('@')[0] ?? '', { email, role: given.role ?? 'viewer' });
    this.invitations = [made, ...this.invitations];
    return this.sent(made);
  }

  private sent(invitation: PendingInvitation) {
    return { status: 201, body: { invitation, link: this.mails ? null : link, mailed: this.mails } };
  }

  private invitation(method: string, id: string | undefined, last: string | undefined) {
    const one = this.invitations.find((each) => each.id === id);
    if (!one) return undefined;
    if (method === 'POST' && last === 'links') return this.sent(one);
    this.invitations = this.invitations.filter((each) => each !== one);
    return { body: { message: 'Withdrawn.' } };
  }

  private session(method: string, id: string | undefined) {
    if (method === 'GET') return { body: { results: this.sessions } };
    this.sessions = id ? this.sessions.filter((each) => each.id !== id) : [];
    return { body: { message: 'Ended.' } };
  }

  private member(method: string, id: string, role: Role | undefined) {
    const one = this.members.find(({ user_id }) => user_id === id);
    if (!one) return undefined;
    if (method === 'DELETE') {
      this.members = this.members.filter((each) => each !== one);
      return { body: { message: 'Removed.' } };
    }
    const now = { ...one, role: role ?? one.role };
    this.members = this.members.map((each) => (each === one ? now : each));
    return { body: now };
  }
}

/** The link of each created invitation. */
export const link = 'https://egress.test/invitation#Zk3t0qNqJ1mP8l2vX5b9c7d4f6h8';
