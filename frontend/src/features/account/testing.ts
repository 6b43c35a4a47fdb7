import type { OwnAccount, Session } from '@/api/client';
import type { Exchange } from '@/shared/testing/server';

const began = '2026-11-02T09:15:00.000Z';

/** The recovery codes of the fake server. */
export const codes = ['k7wm-3xqd-9tfa', 'p2hs-8vbn-4rjc'];

/** Returns an account for tests, with the given fields replaced. */
export function accountOf(over: Partial<OwnAccount> = {}): OwnAccount {
  return {
    user_id: 'u1',
    email: 'amelia.hart@example.com',
    name: 'Amelia Hart',
    created: began,
    passwordChanged: began,
    confirmedUntil: began,
    keyPairs: 0,
    secondFactor: { totp: null, passkeys: [], recoveryCodes: 0 },
    requiredBy: [],
    ...over,
  };
}

/** Returns a session for tests, by default the current one. */
export function sessionOf(id: string, over: Partial<Session> = {}): Session {
  return {
    id,
    created: began,
    lastUsed: '2026-11-23T08:31:00.000Z',
    expires: '2026-12-02T09:15:00.000Z',
    address: '203.0.113.7',
    userAgent: 'Mozilla/5.0 (Windows NT 10.0; Win64; x64) Chrome/140.0.0.0 Safari/537.36',
    secondFactor: false,
    current: true,
    ...over,
  };
}

/** A fake of the account API, for `fakeServer().answers`. It stores changes. */
export class AccountServer {
  account: OwnAccount;
  sessions: Session[];
  /** The answer to the next call of a method and path, instead of the usual one. */
  readonly refusals = new Map<string, { status: number; body: object }>();

  constructor(account: Partial<OwnAccount> = {}, sessions = [sessionOf('s1')]) {
    this.account = accountOf(account);
    this.sessions = sessions;
  }

  readonly answer = ({ method, path, body }: Exchange) => {
    const call = `${method} ${path}`;
    const refusal = this.refusals.get(call);
    this.refusals.delete(call);
    if (refusal) return refusal;
    const given = typeof body === 'object' && body ? body : {};
    const name = 'name' in given ? String(given.name) : '';
    const [, collection, id] = /^\/v4\/account\/(\w+)\/(\w+)$/.exec(path) ?? [];
    if (collection === 'sessions' && method === 'DELETE') {
      this.sessions = this.sessions.filter((one) => one.id !== id);
      return { body: { message: 'Ended.' } };
    }
    if (collection === 'passkeys' && id !== 'options') return this.#passkey(method, id, name);
    switch (call) {
      case 'GET /v4/account':
        return { body: this.account };
      case 'PATCH /v4/account':
        this.account = { ...this.account, name };
        return { body: this.account };
      case 'GET /v4/account/sessions':
        return { body: { results: this.sessions } };
      case 'POST /v4/account/totp':
        return { body: { secret: 'JBSWY3DPEHPK3PXP', uri: 'otpauth://totp/Egress:amelia?secret=JBSWY3DPEHPK3PXP' } };
      case 'PUT /v4/account/totp':
        return { body: this.#added({ totp: began }) };
      case 'DELETE /v4/account/totp':
        this.#factor({ totp: null });
        return { body: { message: 'Removed.' } };
      case 'POST /v4/account/passkeys/options':
        return { body: { publicKey: { challenge: 'AAAA', user: {} } } };
      case 'POST /v4/account/passkeys':
        return {
          status: 201,
          body: this.#added({
            passkeys: [...this.account.secondFactor.passkeys, { id: 'new', name, created: began, lastUsed: null }],
          }),
        };
      case 'POST /v4/account/recovery-codes':
        this.#factor({ recoveryCodes: codes.length });
        return { body: { recoveryCodes: codes } };
      case 'PUT /v4/account/password':
        return { body: { cookie: 'x', message: 'Changed.' } };
      case 'DELETE /v4/account/sessions':
        return { body: { message: 'Ended.' } };
      default:
        return undefined;
    }
  };

  #passkey(method: string, id: string | undefined, name: string) {
    const { passkeys } = this.account.secondFactor;
    if (method === 'DELETE') this.#factor({ passkeys: passkeys.filter((one) => one.id !== id) });
    else this.#factor({ passkeys: passkeys.map((one) => (one.id === id ? { ...one, name } : one)) });
    return { body: passkeys.find((one) => one.id === id) };
  }

  #factor(over: Partial<OwnAccount['secondFactor']>): void {
    this.account = { ...this.account, secondFactor: { ...this.account.secondFactor, ...over } };
  }

  // The first factor of an account comes with recovery codes.
  #added(over: Partial<OwnAccount['secondFactor']>) {
    const { totp, passkeys } = this.account.secondFactor;
    const first = totp === null && passkeys.length === 0;
    this.#factor({ ...over, ...(first && { recoveryCodes: codes.length }) });
    return { secondFactor: this.account.secondFactor, recoveryCodes: first ? codes : [] };
  }
}
