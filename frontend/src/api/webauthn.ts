// WebAuthn through the browser's JSON functions (level 3), which every current browser has.

/** The browser did not make or use a passkey. The message says why. */
export class PasskeyError extends Error {
  override readonly name = 'PasskeyError';
}

/** Reports whether this browser can make and use passkeys at this address. */
export function hasPasskeys(): boolean {
  return 'PublicKeyCredential' in globalThis && 'parseCreationOptionsFromJSON' in PublicKeyCredential;
}

/**
 * Makes a passkey from the server's options, and returns it in its JSON form. Throws a
 * PasskeyError.
 */
export async function createPasskey(options: object) {
  const wanted = publicKeyOf(options);
  if (!hasPasskeys() || !isCreation(wanted)) throw new PasskeyError(unsupported);
  return inWords(
    {
      InvalidStateError: 'This device already has a passkey for your account.',
      NotAllowedError: 'No passkey was created: the browser’s dialog was cancelled or timed out. Try again.',
    },
    () => navigator.credentials.create({ publicKey: PublicKeyCredential.parseCreationOptionsFromJSON(wanted) }),
  );
}

/**
 * Authenticates with a passkey and returns the assertion in its JSON form. Throws a PasskeyError.
 */
export async function getPasskey(options: object) {
  const wanted = publicKeyOf(options);
  if (!hasPasskeys() || !isRequest(wanted)) throw new PasskeyError(unsupported);
  return inWords(
    {
      NotAllowedError: 'No passkey was used: the browser’s dialog was cancelled or timed out. Try again.',
    },
    () => navigator.credentials.get({ publicKey: PublicKeyCredential.parseRequestOptionsFromJSON(wanted) }),
  );
}

const unsupported = 'This browser cannot use passkeys here. They need a current browser and https.';

async function inWords(words: Record<string, string>, call: () => Promise<Credential | null>) {
  const credential = await call().catch((reason: unknown) => {
    const name = typeof reason === 'object' && reason && 'name' in reason ? String(reason.name) : '';
    throw new PasskeyError(words[name] ?? `The browser refused the passkey (${name || 'unknown error'}).`);
  });
  if (!(credential instanceof PublicKeyCredential)) throw new PasskeyError(unsupported);
  return credential.toJSON();
}

// Returns the options for the browser's functions. The server may wrap them in `publicKey`.
function publicKeyOf(options: object): object {
  const inner = 'publicKey' in options ? options.publicKey : null;
  return typeof inner === 'object' && inner !== null ? inner : options;
}

function isCreation(options: object): options is PublicKeyCredentialCreationOptionsJSON {
  return 'challenge' in options && 'user' in options;
}

function isRequest(options: object): options is PublicKeyCredentialRequestOptionsJSON {
  return 'challenge' in options;
}
