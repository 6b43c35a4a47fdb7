import { Link } from '@tanstack/react-router';
import { useOwnSessions } from '@/api/account';
import { useChangeSettings } from '@/api/settings';
import { SettingSwitch, type SwitchWords } from './setting-switch';

const words: SwitchWords = {
  title: 'Require two-factor authentication',
  on: 'Members can use this tenant only in sessions with a second factor: an authenticator app or a passkey. Members without one are asked to set it up. API keys are not affected.',
  off: 'Each member decides whether to use a second factor.',
};

interface Props {
  tenant: string;
  checked: boolean;
  /** False makes the control read-only. */
  mayChange: boolean;
}

/** Requires a second factor of the members. Only an owner with a second factor in the session can turn it on. */
export function SecondFactorSwitch({ tenant, checked, mayChange }: Props) {
  const set = useChangeSettings(tenant);
  const sessions = useOwnSessions({ enabled: mayChange && !checked });
  const own = sessions.data?.find(({ current }) => current);
  const lacks = mayChange && !checked && own !== undefined && !own.secondFactor;
  return (
    <SettingSwitch
      words={words}
      name="secondFactorRequired"
      checked={checked}
      mayChange={mayChange && !lacks}
      busy={set.isPending}
      problem={set.error?.message}
      note={
        lacks && (
          <>
            Your own session has no second factor, so you would lock yourself out.{' '}
            <Link to="/account" hash="two-factor">
              Set one up
            </Link>{' '}
            first.
          </>
        )
      }
      onChange={(secondFactorRequired) => set.mutate({ secondFactorRequired })}
    />
  );
}
