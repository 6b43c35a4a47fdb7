import { Skeleton } from '@mantine/core';
import { indented } from '@/api/exact-json';
import { Copy } from '@/shared/ui/copy';
import { clipped, counted } from '@/shared/ui/format';
import { Section } from './section';
import classes from './user-drawer.module.css';

interface Props {
  /** The app ids of the user's extended profiles. */
  apps: readonly string[];
  /** The stored JSON text of the profiles; undefined during loading. */
  texts: ReadonlyMap<string, string> | undefined;
  /** The number of apps of the tenant. */
  known: number;
}

const maxLength = 100_000; // characters that are shown
const lineLength = 76; // characters that fit into one line

/** A user's extended profiles as stored: on one line if it fits, otherwise one line per member. */
export function UserProfiles({ apps, texts, known }: Props) {
  return (
    <Section title="Extended Profiles" note={`${apps.length} of ${counted(Math.max(known, apps.length), 'app')}`}>
      {apps.toSorted().map((app) => {
        const text = texts?.get(app);
        return (
          <div key={app} className={classes.profile}>
            <div className={classes.app}>
              <b dir="auto">{clipped(app)}</b>
              {text !== undefined && <Copy value={text} label={`Copy ${app}`} />}
            </div>
            {text === undefined ? (
              <Skeleton height={10} my={4} />
            ) : (
              // biome-ignore lint/a11y/noNoninteractiveTabindex: long text is scrolled with the keyboard
              <section className={classes.text} tabIndex={0} aria-label={`Profile of ${app}`}>
                <pre>{text.length <= lineLength ? text : clipped(indented(text.slice(0, maxLength)), maxLength)}</pre>
                {text.length > maxLength && (
                  <p>Only the beginning of {counted(text.length, 'character')} is shown. Copy copies all of them.</p>
                )}
              </section>
            )}
          </div>
        );
      })}
    </Section>
  );
}
