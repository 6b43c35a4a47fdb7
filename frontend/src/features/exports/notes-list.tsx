import { IconAlertTriangle, IconInfoCircle } from '@tabler/icons-react';
import { count } from '@/shared/ui/format';
import type { Note } from './notes';
import classes from './notes.module.css';
import { Section } from './section';

/** What is worth knowing about a file; nothing where there is nothing. */
export function Notes({ notes }: { notes: readonly Note[] }) {
  if (notes.length === 0) return null;
  return (
    <Section title="Worth knowing" aside={count(notes.length)}>
      <ul className={classes.notes}>
        {notes.map(({ kind, lead, rest }) => {
          const Icon = kind === 'warning' ? IconAlertTriangle : IconInfoCircle;
          return (
            <li key={`${lead} ${rest}`} className={classes.note} data-kind={kind}>
              <Icon size={17} stroke={1.75} aria-label={kind === 'warning' ? 'Warning' : 'Fact'} />
              <p>
                <b>{lead}</b> {rest}
              </p>
            </li>
          );
        })}
      </ul>
    </Section>
  );
}
