import { ActionIcon } from '@mantine/core';
import { IconChevronLeft, IconChevronRight } from '@tabler/icons-react';
import type { UserPage } from '@/api/client';
import { zoneName } from '@/shared/ui/format';
import { useTimeZone } from '@/shared/ui/time';
import { limits } from '../view/view';
import { spanOf, spanWords } from './paging';
import classes from './paging-foot.module.css';

interface Props {
  /** Undefined during loading. */
  shown: UserPage | undefined;
  page: number | null;
  limit: number;
  total: number | undefined;
  /** Disables the buttons: another page is loading, or the server cannot be reached. */
  still: boolean;
  onTurn: (step: 1 | -1, cursor: string) => void;
  onLimit: (limit: number) => void;
}

/** Turns the pages. It is aligned left, since toasts cover the right. */
export function PagingFoot({ shown, page, limit, total, still, onTurn, onLimit }: Props) {
  const zone = useTimeZone();
  const words = shown && spanWords(spanOf(shown, { page, limit, total }), shown.results.length, total);
  return (
    <div className={classes.foot}>
      <nav className={classes.turns} aria-label="Pages">
        <Turn label="Previous page" cursor={shown?.previous} still={still} onTurn={(cursor) => onTurn(-1, cursor)} />
        <Turn label="Next page" cursor={shown?.next} still={still} onTurn={(cursor) => onTurn(1, cursor)} />
      </nav>
      <span className={classes.span} role="status">
        {words && (
          <>
            <b>{words.shown}</b>
            {words.of}
          </>
        )}
      </span>
      <span className={classes.divider} aria-hidden="true" />
      <select
        className={classes.limit}
        aria-label="Users per page"
        value={limit}
        onChange={({ currentTarget }) => onLimit(Number(currentTarget.value))}
      >
        {limits.map((each) => (
          <option key={each} value={each}>
            {each} per page
          </option>
        ))}
      </select>
      <span className={classes.divider} aria-hidden="true" />
      <span className={classes.zone}>Times in {zoneName(zone)}</span>
    </div>
  );
}

interface TurnProps {
  label: 'Previous page' | 'Next page';
  cursor: string | null | undefined;
  still: boolean;
  onTurn: (cursor: string) => void;
}

function Turn({ label, cursor, still, onTurn }: TurnProps) {
  const Icon = label === 'Previous page' ? IconChevronLeft : IconChevronRight;
  return (
    // Not `disabled`: the button would lose the focus on the last page.
    <ActionIcon
      variant="default"
      aria-label={label}
      aria-disabled={!cursor || still}
      onClick={() => {
        if (cursor && !still) onTurn(cursor);
      }}
    >
      <Icon size={15} stroke={1.75} />
    </ActionIcon>
  );
}
