import type { Admin, Role } from '@/shared/api/client';

/** An admin for tests, with what a test cares about put over them. */
export function adminOf(user_id: string, over: Partial<Admin> = {}): Admin {
  return {
    user_id,
    email: `${user_id}@example.com`,
    name: user_id.toUpperCase(),
    role: 'exporter',
    everywhere: false,
    invited: false,
    created: '2026-11-02T09:15:00.000Z',
    ...over,
  };
}

interface Asked {
  method: string;
  path: string;
  body: unknown;
}

/** The server's side of admins, for `fakeServer().answers`. It keeps what is changed. */
export class AdminServer {
  admins: Admin[];
  /** What it refuses, and how; it says "Not now." unless told otherwise. */
  refuses: { method: string; status: number; field?: string; detail?: string } | null = null;
  /** Whom it knows from another tenant: they need no link. */
  known: string[] = [];
  /** Where given, a change waits for it. */
  until: Promise<void> | null = null;
  /** The answer to `GET /v4/me`. */
  me: unknown = null;

  constructor(admins: Admin[]) {
    this.admins = admins;
  }

  readonly answer = async ({ method, path, body }: Asked) => {
    if (method !== 'GET') await this.until;
    if (this.refuses?.method === method) {
      const { status, field, detail = 'Not now.' } = this.refuses;
      return { status, body: { code: status === 409 ? 'exists' : 'unavailable', detail, field, requestId: 'R1' } };
    }
    const given = typeof body === 'object' && body ? (body as { email?: string; role?: Role }) : {};
    const [, , , id, more] = path.split('/');
    if (path === '/v4/me') return { body: this.me };
    if (method === 'GET') return { body: { results: this.admins } };
    if (method === 'POST' && !id) {
      const email = given.email ?? '';
      const fresh = !this.known.includes(email);
      const admin = adminOf(email.split('@')[0] ?? '', { email, role: given.role ?? 'viewer', invited: fresh });
      this.admins = [...this.admins, admin];
      return { status: 201, body: { admin, link: fresh ? link : null } };
    }
    const one = this.admins.find(({ user_id }) => user_id === id);
    if (!one) return undefined;
    if (method === 'POST' && more === 'invitations') return { status: 201, body: { admin: one, link } };
    if (method === 'PATCH') {
      const now = { ...one, role: given.role ?? one.role };
      this.admins = this.admins.map((each) => (each === one ? now : each));
      return { body: now };
    }
    if (method === 'DELETE') {
      this.admins = this.admins.filter((each) => each !== one);
      return { body: { message: 'Gone.' } };
    }
    return undefined;
  };
}

/** The link of each invitation that it makes. */
export const link = 'https://egress.test/invitation#Zk3t0qNqJ1mP8l2vX5b9c7d4f6h8';
