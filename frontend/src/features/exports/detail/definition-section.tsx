import type { Definition } from '@/api/client';
import { contentsText, eventsText, fileText, type Piece, usersText } from './definition-text';
import classes from './job-page.module.css';
import { Section } from './section';

/** DefinitionSection shows a job's definition as text. */
export function DefinitionSection({ words, definition }: { words: string; definition: Definition }) {
  const included = contentsText(definition);
  const events = eventsText(definition);
  return (
    <Section title="Definition">
      <dl className={classes.asked}>
        <dt>Users</dt>
        <Words pieces={usersText(words, definition)} />
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
        <Words pieces={fileText(definition)} />
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
