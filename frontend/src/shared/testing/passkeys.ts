import { vi } from 'vitest';

/**
 * A browser with passkeys, for tests; `vi.unstubAllGlobals` takes it away. Every ceremony gives the
 * same credential.
 */
export class FakePasskeys {
  /** The options of the ceremonies so far, in their JSON form. */
  readonly asked: unknown[] = [];
  /** The name of the error that a ceremony fails with. */
  refuses: string | null = null;

  constructor() {
    class Credential {
      static parseCreationOptionsFromJSON = (options: unknown) => options;
      static parseRequestOptionsFromJSON = (options: unknown) => options;
      readonly id = 'credential';
      toJSON(): { id: string } {
        return { id: this.id };
      }
    }
    const ceremony = async ({ publicKey }: { publicKey: unknown }) => {
      this.asked.push(publicKey);
      if (this.refuses) throw new DOMException('no', this.refuses);
      return new Credential();
    };
    vi.stubGlobal('PublicKeyCredential', Credential);
    Object.defineProperty(navigator, 'credentials', {
      configurable: true,
      value: { create: ceremony, get: ceremony },
    });
  }
}
