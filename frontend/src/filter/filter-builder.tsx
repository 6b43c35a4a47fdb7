import { CloseButton, Drawer } from '@mantine/core';
import { type RefObject, useEffect, useMemo, useRef, useState } from 'react';
import type { Rule } from '@/api/client';
import { type DraftGroup, draftOf, fingerprint, firstFaulty, sift } from './draft';
import { useFilterFields } from './fields';
import type { Filter } from './filter';
import classes from './filter-drawer.module.css';
import { FilterFoot } from './filter-foot';
import { FilterWords } from './filter-words';
import { GroupEditor } from './group-editor';
import { useDraft } from './use-draft';
import { useSiftedCount } from './use-sifted-count';

/** The props of the filter builder. */
export interface FilterBuilderProps {
  onClose: () => void;
  tenant: string;
  /** The store to count in: a store's id, or `all`. */
  store: string;
  /** The initial filter; null for none. */
  filter: Rule | null;
  /** The index of the rule to focus, in the top group; undefined for none, `add` for a new one. */
  rule?: number | 'add' | undefined;
  /** The search of the list, so that the count equals that of the list. */
  search?: string | undefined;
  /** Called by "Show users" with the valid rules; null for none. `onClose` follows. */
  onApply: (filter: Filter | null) => void;
}

interface Props extends FilterBuilderProps {
  /** Called by Escape, the × and the overlay. This component sets it. */
  askToClose: RefObject<() => void>;
}

/** The content of the drawer. It unmounts with the drawer, so each opening starts with the filter of the page. */
export function FilterBuilder({ tenant, store, search, filter, rule, onApply, onClose, askToClose }: Props) {
  const fields = useFilterFields(tenant);
  const body = useRef<HTMLDivElement>(null);
  const { draft, edits, opening } = useDraft(filter, rule, fields, body);
  // The draft whose discarding is to be confirmed. A further edit cancels the question.
  const [askedOf, setAskedOf] = useState<DraftGroup | null>(null);
  const asking = askedOf === draft;
  const before = useRef<Element | null>(null); // the element that had the focus
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

  // Set when "Show" was pressed with an unfinished or a wrong rule: the rule to focus, once it is marked.
  const [insisted, setInsisted] = useState<{ rule: string; draft: DraftGroup } | null>(null);
  useEffect(() => {
    const invalid = insisted && `[data-rule="${insisted.rule}"] [aria-invalid="true"]`;
    if (invalid) body.current?.querySelector<HTMLElement>(invalid)?.focus();
  }, [insisted]);
  const apply = () => {
    const faulty = firstFaulty(draft, counted.faults);
    if (faulty) setInsisted({ rule: faulty, draft });
    else onApply(sifted.sound);
  };

  return (
    <div className={classes.frame}>
      <div className={classes.head}>
        <div>
          <Drawer.Title className={classes.title}>Filter users</Drawer.Title>
          <p className={classes.about}>Combine rules on attributes, account details and subscriptions with and / or.</p>
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
          grants={false}
          insists={insisted?.draft === draft}
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

function useChanged(draft: DraftGroup, filter: Rule | null): boolean {
  const [before] = useState(() => fingerprint(draftOf(filter)));
  return fingerprint(draft) !== before;
}
