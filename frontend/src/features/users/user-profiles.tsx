import { Skeleton } from '@mantine/core';
import { indented } from '@/shared/api/exact-json';
import { Copy } from '@/shared/ui/copy';
import { counted } from '@/shared/ui/format';
import { Section } from './section';
import classes from './user-drawer.module.css';

interface Props {
  /** The app ids of the user's profiles. */
  apps: readonly string[];
  /** The profiles as stored; undefined while they are loaded. */
  texts: ReadonlyMap<string, string> | undefined;
  /** How many apps the tenant has. */
  known: number;
}

const line = 76; // characters that fit beside each other

/** A user's extended profiles as they are stored: on one line where they fit, else a line for every member. */
export function UserProfiles({ apps, texts, known }: Props) {
  return (
    <Section title="Extended Profiles" note={`${apps.length} of ${counted(Math.max(known, apps.length), 'app')}`}>
      {apps.toSorted().map((app) => {
        const text = texts?.get(app);
        return (
          <div key={app} className={classes.profile}>
            <div className={classes.app}>
              <b>{app}</b>
              {text !== undefined && <Copy value={text} label={`Copy ${app}`} />}
            </div>
            {text === undefined ? (
              <Skeleton height={10} my={4} />
            ) : (
              // biome-ignore lint/a11y/noNoninteractiveTabindex: what is too long is scrolled by key
              <section className={classes.text} tabIndex={0} aria-label={`Profile of ${app}`}>
                <pre>{text.length <= line ? text : indented(text)}</pre>
              </section>
            )}
          </div>
        );
      })}
    </Section>
  );
}
