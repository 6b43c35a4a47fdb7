import { ActionIcon, Button } from '@mantine/core';
import { IconPencil, IconReplace, IconTrash, type TablerIcon } from '@tabler/icons-react';
import { useState } from 'react';
import type { Rule, SavedFilter } from '@/api/client';
import { useChangeSavedFilter, useDeleteSavedFilter } from '@/api/saved-filters';
import { useFilterFields } from '@/filter/fields';
import { filterWords, sentence } from '@/filter/words';
import { Copy } from '@/shared/ui/copy';
import { Hint } from '@/shared/ui/hint';
import { Question } from '@/shared/ui/question';
import { NameForm } from './name-form';
import classes from './saved-filters.module.css';

interface Props {
  tenant: string;
  saved: SavedFilter;
  /** The current filter of the screen. */
  filter: Rule | null;
}

/** One saved filter in the dialog that manages them. */
export function FilterEntry({ tenant, saved, filter }: Props) {
  const [editing, setEditing] = useState<'name' | 'conditions' | 'delete' | null>(null);
  const change = useChangeSavedFilter(tenant);
  const remove = useDeleteSavedFilter(tenant);
  const fields = useFilterFields(tenant);
  const { id, name, createdBy } = saved;
  const done = () => {
    change.reset();
    setEditing(null);
  };
  const link = new URL(`/t/${encodeURIComponent(tenant)}/users?saved=${encodeURIComponent(id)}`, location.origin).href;
  const error = remove.error ?? change.error;
  const replaceable = filter !== null && JSON.stringify(filter) !== JSON.stringify(saved.filter);
  return (
    <li className={classes.entry}>
      {editing === 'name' ? (
        <NameForm
          name={name}
          error={change.error}
          actions={
            <>
              <Button onClick={done}>Cancel</Button>
              <Button type="submit" variant="filled" loading={change.isPending}>
                Rename
              </Button>
            </>
          }
          onSubmit={(next) => change.mutate({ id, name: next }, { onSuccess: done })}
        />
      ) : (
        <div className={classes.head}>
          <div>
            <b dir="auto">{name}</b>
            <p className={classes.words}>{sentence(filterWords(saved.filter, fields))}</p>
            {createdBy && <p className={classes.note}>Created by {createdBy}</p>}
          </div>
          <div className={classes.icons}>
            <Copy value={link} label={`Copy the link of ${name}`} />
            {saved.editable && (
              <>
                <Tool icon={IconPencil} label={`Rename ${name}`} onClick={() => setEditing('name')} />
                {replaceable && (
                  <Tool
                    icon={IconReplace}
                    label={`Replace ${name} with the current filter`}
                    onClick={() => setEditing('conditions')}
                  />
                )}
                <Tool icon={IconTrash} label={`Delete ${name}`} onClick={() => setEditing('delete')} />
              </>
            )}
          </div>
        </div>
      )}
      {editing === 'conditions' && filter && (
        <Question
          title={`Replace ${name}?`}
          confirm="Replace"
          keep="Keep"
          onConfirm={() => change.mutate({ id, filter }, { onSuccess: done })}
          onKeep={done}
        >
          Its conditions become: {sentence(filterWords(filter, fields))}.
        </Question>
      )}
      {editing === 'delete' && (
        <Question
          title={`Delete ${name}?`}
          confirm="Delete"
          keep="Keep"
          onConfirm={() => remove.mutate({ id }, { onSettled: done })}
          onKeep={done}
        >
          Every member of the tenant loses it. Its links stop working.
        </Question>
      )}
      {error && editing === null && (
        <p role="alert" className={classes.error}>
          {error.message}
        </p>
      )}
    </li>
  );
}

function Tool({ icon: Icon, label, onClick }: { icon: TablerIcon; label: string; onClick: () => void }) {
  return (
    <Hint label={label}>
      <ActionIcon aria-label={label} onClick={onClick}>
        <Icon size={16} stroke={1.75} />
      </ActionIcon>
    </Hint>
  );
}
