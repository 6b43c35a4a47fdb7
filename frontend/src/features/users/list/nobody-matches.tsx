import { Button } from '@mantine/core';
import type { Rule } from '@/api/client';
import { useUserCount } from '@/api/users';
import type { FilterField } from '@/filter/fields';
import { filterWords, sentence } from '@/filter/words';
import { EmptyState } from '@/shared/ui/states';
import { usersWords } from '@/shared/ui/user-count';
import { useBestRemoval } from './removable-rules';

interface Props {
  tenant: string;
  store: string;
  filter: Rule | null;
  fields: readonly FilterField[];
  search: string;
  /** Whether an export, of the header only, can be started. */
  exportable: boolean;
  onFilter: (filter: Rule | null) => void;
  onClearSearch: () => void;
}

/** The empty state of a filter or search without matches, with ways to widen it. */
export function NobodyMatches(props: Props) {
  return props.search ? <NobodyFound {...props} /> : <NobodyFits {...props} />;
}

const still = 'You can still export: the file then contains only the header.';

function NobodyFits({ tenant, store, filter, fields, exportable, onFilter }: Props) {
  const best = useBestRemoval(tenant, store, filter, '');
  return (
    <EmptyState
      picture="unmatched"
      title="No users match this filter"
      actions={
        <>
          {best && <Button onClick={() => onFilter(best.rest)}>Remove this rule</Button>}
          <Button variant={best ? 'subtle' : 'default'} onClick={() => onFilter(null)}>
            Clear filter
          </Button>
        </>
      }
    >
      {best && `Without “${lowered(sentence(filterWords(best.rule, fields)))}”: ${usersWords(best.count)}. `}
      {exportable && still}
    </EmptyState>
  );
}

function NobodyFound({ tenant, store, filter, search, onFilter, onClearSearch }: Props) {
  const { data, isPlaceholderData } = useUserCount(tenant, { store, filter, search: '' });
  const without = isPlaceholderData || !data?.users ? '' : `Without the search: ${usersWords(data)}. `;
  return (
    <EmptyState
      picture="unmatched"
      title={`No users found for “${search}”`}
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
      {without}The search looks for each word in the email address, the username and the names. It also accepts a
      complete user ID.
    </EmptyState>
  );
}

// Lowers the first letter of a field's name within a sentence, unless it is an abbreviation.
function lowered(words: string): string {
  return /^.[A-Z]/.test(words) ? words : words.charAt(0).toLowerCase() + words.slice(1);
}
