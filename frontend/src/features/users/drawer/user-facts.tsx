import type { ReactNode } from 'react';
import type { User, UserSchema, UserStore } from '@/api/client';
import type { ExactUser } from '@/api/user';
import { clipped, count } from '@/shared/ui/format';
import { Time } from '@/shared/ui/time';
import { Value } from '@/shared/ui/value';
import { attributesOf } from '../user/attributes';
import { Section } from './section';
import classes from './user-drawer.module.css';
import { UserProfiles } from './user-profiles';
import { UserSubscriptions } from './user-subscriptions';

interface Props {
  user: User;
  /** Undefined during loading. The list has everything except account names and the exact digits of profiles. */
  exact: ExactUser | undefined;
  schema: UserSchema;
  stores: readonly UserStore[];
}

const maxLength = 10_000; // characters of one value
const noText: ReadonlyMap<string, string> = new Map();

/** All stored data of a user. */
export function UserFacts({ user, exact, schema, stores }: Props) {
  const { user_store_id, registered, last_login, updated, identifiers, tracking_id } = user;
  const attributes = attributesOf(user, schema, exact?.attributes ?? noText);
  const unknown = attributes.filter(({ text }) => text === null).length;
  const keys = Object.entries(user.foreign_keys).sort(([a], [b]) => (a < b ? -1 : 1));
  const others = [
    { name: 'Username', value: identifiers.email_address ? identifiers.username : undefined },
    { name: 'Tracking ID', value: tracking_id },
  ].filter(({ value }) => value);
  return (
    <>
      <dl className={classes.facts}>
        <Fact label="User store">{stores.find(({ id }) => id === user_store_id)?.title ?? user_store_id}</Fact>
        <Fact label="Registered">{registered && <Time value={registered} />}</Fact>
        <Fact label="Last login">{last_login && <Time value={last_login} />}</Fact>
        <Fact label="Updated">{updated && <Time value={updated} />}</Fact>
      </dl>
      <UserSubscriptions user={user} accounts={exact?.accounts} products={schema.products} />
      <Section title="Attributes" note={`${count(attributes.length)} fields, ${count(unknown)} unknown`}>
        <dl className={classes.pairs} data-columns="">
          {attributes.map(({ slug, label, text, title, mono }) => (
            <div key={slug}>
              <dt dir="auto">{clipped(label)}</dt>
              <dd
                dir={text === null ? undefined : 'auto'}
                title={title && clipped(title)}
                data-mono={mono || undefined}
                data-long={(text !== null && isLong(text)) || undefined}
              >
                <Value of={text}>{() => (text === null ? <Unknown /> : clipped(text, maxLength))}</Value>
              </dd>
            </div>
          ))}
        </dl>
      </Section>
      <Section title="Foreign Keys" note={count(keys.length)}>
        {keys.length > 0 && (
          <dl className={classes.pairs}>
            {keys.map(([system, key]) => (
              <div key={system}>
                <dt>{system}</dt>
                <dd data-mono="" dir="auto">
                  {clipped(key, maxLength)}
                </dd>
              </div>
            ))}
          </dl>
        )}
      </Section>
      {others.length > 0 && (
        <Section title="Other identifiers" note={count(others.length)}>
          <dl className={classes.pairs}>
            {others.map(({ name, value }) => (
              <div key={name}>
                <dt>{name}</dt>
                <dd data-mono="" dir="auto">
                  {value && clipped(value, maxLength)}
                </dd>
              </div>
            ))}
          </dl>
        </Section>
      )}
      <UserProfiles apps={Object.keys(user.extended_profiles)} texts={exact?.profiles} known={schema.appIds.length} />
    </>
  );
}

function Fact({ label, children }: { label: string; children: ReactNode }) {
  return (
    <div>
      <dt>{label}</dt>
      <dd>
        <Value of="cannot be shown">{() => children || <Unknown />}</Value>
      </dd>
    </div>
  );
}

// Reports whether the text is one word that does not fit into a line, such as a URL.
function isLong(text: string): boolean {
  return /^\S{24,}$/.test(text);
}

function Unknown() {
  return <span className={classes.unknown}>unknown</span>;
}
