import { Fragment } from 'react';
import type { Rule } from '@/shared/api/client';
import type { FilterField } from './fields';
import classes from './filter-sentence.module.css';
import { filterWords, gap, type Part } from './words';

interface Props {
  filter: Rule | null;
  fields: readonly FilterField[];
  /** What is searched for beside the filter; "" for nothing. */
  search?: string;
  /** What is said where there is neither. */
  everyone?: string;
}

/** A filter, and a search beside it, as a sentence, inline: operators are grey, values strong. */
export function FilterSentence({ filter, fields, search, everyone = 'Everyone' }: Props) {
  const parts = filterWords(filter, fields, search);
  return parts.length > 0 ? <Words parts={parts} /> : everyone;
}

/** The parts of a sentence in their weights. */
export function Words({ parts }: { parts: readonly Part[] }) {
  return (
    <span className={classes.words} dir="auto">
      {parts.map(({ kind, text }, i) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: the words of a sentence have nothing but their order
        <Fragment key={i}>
          {gap(i, text)}
          <span data-kind={kind}>{text}</span>
        </Fragment>
      ))}
    </span>
  );
}
