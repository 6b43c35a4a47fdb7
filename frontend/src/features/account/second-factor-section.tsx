import type { OwnAccount } from '@/api/client';
import { useFocusAfterFewer } from '@/shared/ui/whole-list';
import classes from './account.module.css';
import { AddPasskey } from './add-passkey';
import { PasskeyRow } from './passkey-row';
import { RecoveryRow } from './recovery-row';
import { Section } from './section';
import { TotpRow } from './totp-row';

/** The second factors of the account: authenticator app, passkeys and recovery codes. */
export function SecondFactorSection({ account }: { account: OwnAccount }) {
  const { totp, passkeys, recoveryCodes } = account.secondFactor;
  const has = totp !== null || passkeys.length > 0;
  const place = useFocusAfterFewer(passkeys.length);
  const tenants = new Intl.ListFormat('en', { type: 'conjunction' }).format(account.requiredBy);
  return (
    <Section
      title="Two-factor authentication"
      anchor="two-factor"
      about={
        <>
          After your password, logging in asks for a passkey or for a code from an app, so that a stolen password alone
          is not enough.
          {tenants && (
            <>
              {' '}
              <b dir="auto">{tenants}</b> {account.requiredBy.length > 1 ? 'require' : 'requires'} it.
            </>
          )}
        </>
      }
    >
      <section ref={place} tabIndex={-1} className={classes.items} aria-label="Second factors">
        <TotpRow since={totp} />
        {passkeys.map((passkey) => (
          <PasskeyRow key={passkey.id} passkey={passkey} />
        ))}
        <AddPasskey more={passkeys.length > 0} />
        {has && <RecoveryRow left={recoveryCodes} />}
      </section>
    </Section>
  );
}
