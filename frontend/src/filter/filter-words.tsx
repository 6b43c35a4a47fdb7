import type { Sifted } from './draft';
import { type FilterField, fieldOf, looksInside } from './fields';
import { type Condition, conditions } from './filter';
import classes from './filter-drawer.module.css';
import { FilterSentence } from './filter-sentence';

interface Props {
  sifted: Sifted;
  /** The number of rules that are not counted. */
  uncounted: number;
  fields: readonly FilterField[];
}

/** The filter in words, with notes on how it is evaluated. */
export function FilterWords({ sifted: { sound }, uncounted, fields }: Props) {
  const notes = [...meanings(sound ? conditions(sound) : [], fields), ...leftOut(uncounted)];
  return (
    <section className={classes.words} aria-labelledby="filter-words">
      <h3 id="filter-words">In words</h3>
      <p>
        <FilterSentence filter={sound} fields={fields} />.
      </p>
      {notes.length > 0 && <p className={classes.notes}>{notes.join(' ')}</p>}
    </section>
  );
}

function meanings(rules: Condition[], fields: readonly FilterField[]): string[] {
  const kind = (rule: Condition) => fieldOf(rule.field, fields)?.kind;
  const values = rules.flatMap((rule) =>
    kind(rule) === 'date' ? [rule.value, rule.from, rule.to, ...(rule.values ?? [])] : [],
  );
  const dates = values.some((value) => typeof value === 'string' && /^\d{4}-\d\d-\d\d$/.test(value));
  const times = values.some((value) => typeof value === 'string' && /\d:\d\d/.test(value));
  // Suggested values have the stored case; typed ones may not.
  const typed = rules.some(
    (rule) =>
      looksInside(rule.operator) ||
      (/^is(_not|_one_of|_none_of)?$/.test(rule.operator) &&
        kind(rule) === 'text' &&
        !fieldOf(rule.field, fields)?.options.length),
  );
  return [
    ...(dates ? ['A date means that whole day in UTC.'] : []),
    ...(times && !dates ? ['Times are UTC.'] : []),
    ...(typed ? ['Text ignores case.'] : []),
  ];
}

function leftOut(rules: number): string[] {
  if (rules === 0) return [];
  return [rules === 1 ? 'One rule is incomplete and is ignored.' : `${rules} rules are incomplete and are ignored.`];
}
