import { Button } from '@mantine/core';
import type { Rule } from '@/api/client';
import { useSaveFilter } from '@/api/saved-filters';
import { useFilterFields } from '@/filter/fields';
import { filterWords, sentence } from '@/filter/words';
import { Dialog } from '@/shared/ui/dialog';
import { NameForm } from './name-form';
import classes from './saved-filters.module.css';

interface Props {
  opened: boolean;
  tenant: string;
  filter: Rule;
  onClose: () => void;
}

/** Saves the current filter under a name. */
export function SaveDialog({ opened, tenant, filter, onClose }: Props) {
  const save = useSaveFilter(tenant);
  const fields = useFilterFields(tenant);
  const close = () => {
    save.reset();
    onClose();
  };
  return (
    <Dialog title="Save filter" opened={opened} onClose={close} size={440}>
      <p className={classes.words}>{sentence(filterWords(filter, fields))}</p>
      <NameForm
        name=""
        error={save.error}
        actions={
          <>
            <Button onClick={close}>Cancel</Button>
            <Button type="submit" variant="filled" loading={save.isPending}>
              Save
            </Button>
          </>
        }
        onSubmit={(name) => save.mutate({ name, filter }, { onSuccess: close })}
      />
      <p className={classes.note}>Every member of the tenant can use it.</p>
    </Dialog>
  );
}
