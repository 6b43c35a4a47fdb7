import { Skeleton } from '@mantine/core';
import type { Grant, User, UserDetail, UserSchema } from '@/shared/api/client';
import { count } from '@/shared/ui/format';
import { Section } from './section';
import { Dot } from './subscription-mark';
import { periodOf, productOf, sorted } from './subscriptions';
import classes from './user-drawer.module.css';

interface Props {
  user: User;
  /** Undefined while they are loaded. */
  accounts: UserDetail['accounts'] | undefined;
  products: UserSchema['products'];
}

/** What a user holds, and the accounts that it belongs to beside. */
export function UserSubscriptions({ user: { grants, account_ids }, accounts, products }: Props) {
  const named = new Set(grants.map(({ account_id }) => account_id));
  const others = account_ids.filter((id) => !named.has(id));
  const nameOf = (id: string) => accounts?.find((account) => account.id === id)?.name ?? id;
  return (
    <>
      <Section title="Subscriptions" note={count(grants.length)}>
        {grants.length > 0 && (
          <ul className={classes.grants}>
            {sorted(grants).map((grant) => (
              <li key={grant.grantId}>
                <Dot state={grant.expiry_state} />
                <div className={classes.what}>
                  <b>{productOf(grant, products)}</b>
                  <p dir="auto">{accountOf(grant, accounts ? nameOf : null)}</p>
                </div>
                <div className={classes.when}>
                  <b>{capital(grant.expiry_state)}</b>
                  <p>{periodOf(grant)}</p>
                </div>
              </li>
            ))}
          </ul>
        )}
      </Section>
      {others.length > 0 && (
        <Section title="Other accounts" note={count(others.length)}>
          <ul className={classes.accounts}>
            {others.map((id) => (
              <li key={id} dir="auto" title={id}>
                {nameOf(id)}
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
    `Account: ${nameOf(account_id)}`
  ) : (
    <Skeleton component="span" display="block" height={10} width={150} my={4} />
  );
}

function capital(word: string): string {
  return word.charAt(0).toUpperCase() + word.slice(1);
}
