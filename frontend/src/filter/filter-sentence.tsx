import { Fragment } from 'react';
import type { Rule } from '@/api/client';
import type { FilterField } from './fields';
import classes from './filter-sentence.module.css';
import { filterWords, gap, type Part } from './words';

interface Props {
  filter: Rule | null;
  fields: readonly FilterField[];
  /** The search next to the filter; "" for none. */
  search?: string;
  /** The text without filter and search. */
  everyone?: string;
}

/** A filter and a search as an inline sentence: operators are grey, values strong. */
export function FilterSentence({ filter, fields, search, everyone = 'Everyone' }: Props) {
  const parts = filterWords(filter, fields, search);
  return parts.length > 0 ? <Words parts={parts} /> : everyone;
}

/** The parts of a sentence, each in its style. */
export function Words({ parts }: { parts: readonly Part[] }) {
  return (
    <span className={classes.words} dir="auto">
      {parts.map(({ kind, text }, i) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: parts have no identity but their order
        <Fragment key={i}>
          {gap(i, text)}
          <span data-kind={kind}>{text}</span>
        </Fragment>
      ))}
    </span>
  );
}
