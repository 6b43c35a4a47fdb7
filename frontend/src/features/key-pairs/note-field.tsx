import type { KeyPair } from '@/api/client';
import { useChangeKeyPair } from '@/api/key-pairs';
import { InlineField } from './inline-field';
import classes from './inline-field.module.css';
import { problemOf } from './note';

/** The note of a key pair. */
export function NoteField({ tenant, pair }: { tenant: string; pair: KeyPair }) {
  const { access_key: accessKey, note } = pair;
  const set = useChangeKeyPair(tenant);
  return (
    <InlineField
      label="Note"
      edit={{ name: `Edit note: ${note || accessKey}`, tooltip: 'Edit note' }}
      value={note}
      problemOf={problemOf}
      save={(now, onSuccess) => set.mutate({ accessKey, change: { note: now } }, { onSuccess })}
      saving={set.isPending}
      problem={set.error?.message}
      reset={set.reset}
    >
      <b className={classes.text} dir="auto" title={note || undefined} data-none={!note || undefined}>
        {note || 'No note'}
      </b>
    </InlineField>
  );
}
