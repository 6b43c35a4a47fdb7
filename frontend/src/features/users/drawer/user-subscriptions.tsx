import { Skeleton } from '@mantine/core';
import type { Grant, User, UserDetail, UserSchema } from '@/api/client';
import { clipped, count } from '@/shared/ui/format';
import { Value } from '@/shared/ui/value';
import { Dot } from '../user/subscription-mark';
import { periodOf, productOf, sorted } from '../user/subscriptions';
import { Section } from './section';
import classes from './user-drawer.module.css';

interface Props {
  user: User;
  /** Undefined during loading. */
  accounts: UserDetail['accounts'] | undefined;
  products: UserSchema['products'];
}

const maxShown = 200; // subscriptions: thousands would block the page

/** A user's subscriptions, and the accounts without a subscription. */
export function UserSubscriptions({ user: { grants, account_ids }, accounts, products }: Props) {
  const named = new Set(grants.map(({ account_id }) => account_id));
  const others = [...new Set(account_ids)].filter((id) => !named.has(id));
  const all = sorted(grants);
  const nameOf = (id: string) => accounts?.find((account) => account.id === id)?.name ?? id;
  return (
    <>
      <Section title="Subscriptions" note={count(grants.length)}>
        {grants.length > 0 && (
          <ul className={classes.grants}>
            {all.slice(0, maxShown).map((grant, i) => (
              // biome-ignore lint/suspicious/noArrayIndexKey: stored ids may be missing or duplicate
              <li key={i}>
                <Value of={grant}>
                  {() => (
                    <>
                      <Dot state={grant.expiry_state} />
                      <div className={classes.what}>
                        <b dir="auto">{clipped(productOf(grant, products))}</b>
                        <p dir="auto">{accountOf(grant, accounts ? nameOf : null)}</p>
                      </div>
                      <div className={classes.when}>
                        <b>{clipped(capital(grant.expiry_state))}</b>
                        <p>{periodOf(grant)}</p>
                      </div>
                    </>
                  )}
                </Value>
              </li>
            ))}
            {all.length > maxShown && <li>And {count(all.length - maxShown)} more. An export contains all of them.</li>}
          </ul>
        )}
      </Section>
      {others.length > 0 && (
        <Section title="Other accounts" note={count(others.length)}>
          <ul className={classes.accounts}>
            {others.map((id) => (
              <li key={id} dir="auto" title={clipped(id)}>
                {clipped(nameOf(id))}
              </li>
            ))}
          </ul>
        </Section>
      )}
    </>
  );
}

function accountOf({ account_id }: Grant, nameOf: ((id: string) => string) | null) {
  if (!account_id) return 'No account';
  return nameOf ? (
    clipped(`Account: ${nameOf(account_id)}`)
  ) : (
    <Skeleton component="span" display="block" height={10} width={150} my={4} />
  );
}

function capital(word: string): string {
  return word.charAt(0).toUpperCase() + word.slice(1);
}
