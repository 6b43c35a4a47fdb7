import { Button } from '@mantine/core';
import type { FilterField } from '@/features/filter/fields';
import { filterWords, sentence } from '@/features/filter/words';
import type { Rule } from '@/shared/api/client';
import { useUserCount } from '@/shared/api/users';
import { counted } from '@/shared/ui/format';
import { EmptyState } from '@/shared/ui/states';
import { useBestWithout } from './without';

interface Props {
  tenant: string;
  store: string;
  filter: Rule | null;
  fields: readonly FilterField[];
  search: string;
  /** Reports whether an export of the header alone can be asked for. */
  exportable: boolean;
  onFilter: (filter: Rule | null) => void;
  onClearSearch: () => void;
}

/** Where nobody matches: what is in the way, and a way on. */
export function NobodyMatches(props: Props) {
  return props.search ? <NobodyFound {...props} /> : <NobodyFits {...props} />;
}

const still = 'You can still export: the file holds the header alone.';

function NobodyFits({ tenant, store, filter, fields, exportable, onFilter }: Props) {
  const best = useBestWithout(tenant, store, filter, '');
  return (
    <EmptyState
      picture="unmatched"
      title="Nobody matches this filter"
      actions={
        <>
          {best && <Button onClick={() => onFilter(best.rest)}>Remove that rule</Button>}
          <Button variant={best ? 'subtle' : 'default'} onClick={() => onFilter(null)}>
            Clear filter
          </Button>
        </>
      }
    >
      {best &&
        `Without “${lowered(sentence(filterWords(best.rule, fields)))}” it would be ${counted(best.users, 'user')}. `}
      {exportable && still}
    </EmptyState>
  );
}

function NobodyFound({ tenant, store, filter, search, onFilter, onClearSearch }: Props) {
  const { data, isPlaceholderData } = useUserCount(tenant, { store, filter, search: '' });
  const without = isPlaceholderData || !data ? '' : `Without it, it would be ${counted(data, 'user')}. `;
  return (
    <EmptyState
      picture="unmatched"
      title={`Nobody is found by “${search}”`}
      actions={
        <>
          <Button onClick={onClearSearch}>Clear search</Button>
          {filter && (
            <Button variant="subtle" onClick={() => onFilter(null)}>
              Clear filter
            </Button>
          )}
        </>
      }
    >
      {without}Every word is looked for in the e-mail address, the user name and the names; or give a whole id.
    </EmptyState>
  );
}

// Inside a sentence a field's name begins small, unless it is one of capitals.
function lowered(words: string): string {
  return /^.[A-Z]/.test(words) ? words : words.charAt(0).toLowerCase() + words.slice(1);
}
