import type { KeyPair } from '@/api/client';
import { useChangeKeyPair } from '@/api/key-pairs';
import { InlineField } from './inline-field';
import classes from './inline-field.module.css';

const most = 100_000; // requests a minute, as the server accepts

// Returns what is wrong with a typed limit; null if nothing is. An empty text means the server's limit.
function problemOf(typed: string): string | null {
  const text = typed.trim();
  if (text === '') return null;
  const limit = Number(text);
  if (/^\d+$/.test(text) && limit >= 1 && limit <= most) return null;
  return `Enter a whole number from 1 to ${most.toLocaleString('en-GB')}, or nothing for the default.`;
}

interface Props {
  tenant: string;
  pair: KeyPair;
  /** Only owners change limits. */
  mayChange: boolean;
}

/** The limit of a key pair: how many requests a minute it may send. */
export function LimitField({ tenant, pair, mayChange }: Props) {
  const { access_key: accessKey, note, requests_per_minute: limit } = pair;
  const set = useChangeKeyPair(tenant);
  const shown = (
    <small className={classes.text}>
      {limit === null ? 'Default request limit' : `${limit.toLocaleString('en-GB')} requests per minute`}
    </small>
  );
  if (!mayChange) return limit === null ? null : shown;
  return (
    <InlineField
      label="Requests per minute"
      edit={{ name: `Edit request limit: ${note || accessKey}`, tooltip: 'Edit request limit' }}
      value={limit === null ? '' : String(limit)}
      inputMode="numeric"
      problemOf={problemOf}
      save={(now, onSuccess) =>
        set.mutate({ accessKey, change: { requests_per_minute: now === '' ? null : Number(now) } }, { onSuccess })
      }
      saving={set.isPending}
      problem={set.error?.message}
      reset={set.reset}
    >
      {shown}
    </InlineField>
  );
}
