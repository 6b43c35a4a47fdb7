import { CloseButton, Drawer } from '@mantine/core';
import { type RefObject, useEffect, useMemo, useRef, useState } from 'react';
import { type DraftGroup, draftOf, fingerprint, sift } from './draft';
import { useFilterFields } from './fields';
import type { Filter } from './filter';
import type { FilterDrawerProps } from './filter-drawer';
import classes from './filter-drawer.module.css';
import { FilterFoot } from './filter-foot';
import { FilterWords } from './filter-words';
import { GroupEditor } from './group-editor';
import { useDraft } from './use-draft';
import { useSiftedCount } from './use-sifted-count';

interface Props extends Omit<FilterDrawerProps, 'opened'> {
  onApply: (filter: Filter | null) => void;
  /** What Escape, the × and the overlay do; set here. */
  askToClose: RefObject<() => void>;
}

/** What is inside the drawer. It lives as long as the drawer is open, so every opening begins with the filter of the page. */
export function FilterBuilder({ tenant, store, search, filter, rule, onApply, onClose, askToClose }: Props) {
  const fields = useFilterFields(tenant);
  const body = useRef<HTMLDivElement>(null);
  const { draft, edits, opening } = useDraft(filter, rule, fields, body);
  // The draft that is to be thrown away; whoever goes on editing has answered.
  const [askedOf, setAskedOf] = useState<DraftGroup | null>(null);
  const asking = askedOf === draft;
  const before = useRef<Element | null>(null); // what had the focus
  const sifted = useMemo(() => sift(draft, fields), [draft, fields]);
  const counted = useSiftedCount(tenant, store, search ?? '', sifted);
  const changed = useChanged(draft, filter);

  const close = () => {
    if (!changed || asking) return onClose();
    before.current = document.activeElement;
    setAskedOf(draft);
  };
  const keep = () => {
    setAskedOf(null);
    if (before.current instanceof HTMLElement) before.current.focus();
  };
  useEffect(() => {
    askToClose.current = close;
  });

  const apply = () => {
    if (counted.refused) body.current?.querySelector<HTMLElement>('[aria-invalid="true"]')?.focus();
    else onApply(sifted.sound);
  };

  return (
    <div className={classes.frame}>
      <div className={classes.head}>
        <div>
          <Drawer.Title className={classes.title}>Filter users</Drawer.Title>
          <p className={classes.about}>Attributes and account details, joined by and / or.</p>
        </div>
        <CloseButton className={classes.close} aria-label="Close" onClick={close} />
      </div>
      <div ref={body} className={classes.body}>
        <GroupEditor
          group={draft}
          depth={1}
          number=""
          draft={draft}
          fields={fields}
          faults={counted.faults}
          edits={edits}
          opening={opening}
        />
        <FilterWords sifted={sifted} uncounted={counted.faults.size} fields={fields} />
      </div>
      <FilterFoot
        counted={counted}
        asking={asking}
        onKeep={keep}
        onDiscard={onClose}
        onCancel={onClose}
        onApply={apply}
      />
    </div>
  );
}

function useChanged(draft: DraftGroup, filter: FilterDrawerProps['filter']): boolean {
  const [before] = useState(() => fingerprint(draftOf(filter)));
  return fingerprint(draft) !== before;
}
