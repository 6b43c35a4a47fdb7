import type { Definition } from '@/shared/api/client';
import { eventsAsked, fileAsked, includeAsked, type Piece, usersAsked } from './asked';
import classes from './job-page.module.css';
import { Section } from './section';

/** The definition in words. */
export function AskedFor({ words, definition }: { words: string; definition: Definition }) {
  const included = includeAsked(definition);
  const events = eventsAsked(definition);
  return (
    <Section title="What was asked for">
      <dl className={classes.asked}>
        <dt>Users</dt>
        <Words pieces={usersAsked(words, definition)} />
        {included.length > 0 && (
          <>
            <dt>Include</dt>
            <Words pieces={included} />
          </>
        )}
        {events && (
          <>
            <dt>State events</dt>
            <Words pieces={events} />
          </>
        )}
        <dt>File</dt>
        <Words pieces={fileAsked(definition)} />
      </dl>
    </Section>
  );
}

function Words({ pieces }: { pieces: Piece[] }) {
  return (
    <dd dir="auto">
      {pieces.map(({ text, strong }, i) => {
        // biome-ignore lint/suspicious/noArrayIndexKey: a sentence never changes its order
        return strong ? <b key={i}>{text}</b> : text;
      })}
    </dd>
  );
}
