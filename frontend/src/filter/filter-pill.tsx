import { IconAlertCircle, IconX } from '@tabler/icons-react';
import type { FilterField } from './fields';
import { type Condition, type Group, isGroup, ruleCount } from './filter';
import classes from './filter-pills.module.css';
import { Words } from './filter-sentence';
import { checkFilter } from './validation';
import { filterWords, sentence } from './words';

interface Props {
  rule: Condition | Group;
  fields: readonly FilterField[];
  onOpen: () => void;
  onRemove: () => void;
}

const maxGroupLength = 48; // characters; a pill abbreviates a longer group

/** One rule of the filter: a button that edits it, and one that removes it. */
export function FilterPill({ rule, fields, onOpen, onRemove }: Props) {
  const parts = filterWords(rule, fields);
  const full = sentence(parts);
  const folded = isGroup(rule) && full.length > maxGroupLength;
  const [problem] = checkFilter(rule, fields).problems;
  const name = folded ? `${ruleCount(rule)} rules in a group` : full;
  return (
    <span className={classes.pill} data-wrong={problem ? true : undefined}>
      <button
        type="button"
        className={classes.open}
        title={problem?.message ?? (folded ? full : undefined)}
        aria-label={problem ? `${name}. ${problem.message}` : name}
        onClick={onOpen}
      >
        {problem && <IconAlertCircle size={14} stroke={1.75} aria-hidden />}
        <span className={classes.words}>
          {folded ? <span className={classes.folded}>{name}</span> : <Words parts={parts} />}
        </span>
      </button>
      <button type="button" className={classes.remove} data-remove="" aria-label={`Remove: ${name}`} onClick={onRemove}>
        <IconX size={14} stroke={1.75} aria-hidden />
      </button>
    </span>
  );
}
