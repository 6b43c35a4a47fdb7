import type { KeyPair } from '@/api/client';

/** Returns a key pair for tests, with the given fields replaced. */
export function pairOf(access_key: string, over: Partial<KeyPair> = {}): KeyPair {
  return {
    access_key,
    user_id: 'u1',
    email: 'amelia.hart@example.com',
    note: 'nightly export',
    created: '2026-11-02T09:15:00.000Z',
    created_by: 'u1',
    last_used: null,
    requests_per_minute: null,
    ...over,
  };
}

/** A fake of the key pairs API, for `fakeServer().answers`. It stores changes. */
export class KeyServer {
  pairs: KeyPair[];
  /** The calls that it refuses, with their status. The message is "Not now." */
  refuses: { method: string; status: number } | null = null;
  /** The creation of a key pair waits for this promise. */
  until: Promise<void> | null = null;

  constructor(pairs: KeyPair[]) {
    this.pairs = pairs;
  }

  readonly answer = async ({ method, path, body }: { method: string; path: string; body: unknown }) => {
    if (this.refuses?.method === method) {
      return { status: this.refuses.status, body: { code: 'unavailable', detail: 'Not now.' } };
    }
    const note = typeof body === 'object' && body && 'note' in body ? String(body.note) : '';
    const accessKey = path.split('/').at(-1) ?? '';
    if (method === 'POST' && path === '/v3/admin/users/u1/keypairs') {
      await this.until;
      this.pairs = [pairOf('NEW', { note }), ...this.pairs];
      return { status: 201, body: { access_key: 'NEW', secret_key: secret, message: 'Made.' } };
    }
    if (method === 'PATCH' && path === `/v4/key-pairs/${accessKey}`) {
      const change = typeof body === 'object' ? body : {};
      this.pairs = this.pairs.map((one) => (one.access_key === accessKey ? { ...one, ...change } : one));
      return { body: this.pairs.find(({ access_key }) => access_key === accessKey) };
    }
    if (method === 'DELETE') {
      const gone = this.pairs.find((one) => path === `/v3/admin/users/${one.user_id}/keypairs/${one.access_key}`);
      if (!gone) return undefined;
      this.pairs = this.pairs.filter((one) => one !== gone);
      return { body: { message: 'Revoked.' } };
    }
    return path === '/v4/key-pairs' ? { body: { results: this.pairs } } : undefined;
  };
}

/** The secret of each created key pair. */
export const secret = 's3cr3t-Zk3t0qNqJ1mP8l2vX5b9c7d4f6h8';
