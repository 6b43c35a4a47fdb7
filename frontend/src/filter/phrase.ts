import type { Combinator } from './filter';

/** A part of a filter in words. */
export interface Part {
  text: string;
  /** Values are emphasized. */
  strong: boolean;
  kind: 'field' | 'operator' | 'value' | 'join' | 'open' | 'close';
}

/** Creates a part. */
export function part(kind: Part['kind'], text: string): Part {
  return { text, strong: kind === 'value', kind };
}

/** A condition in words, or a group of them, as in internal/filter/phrase.go. */
export type Phrase =
  | { parts: readonly Part[]; equal: string | null } // equal: of "field is value" the field's name
  | { combinator: Combinator; members: readonly Phrase[] };

/**
 * Simplifies a phrase: removes empty groups, unwraps groups of one and groups within groups of the
 * same kind, and joins alternatives for one field: "country is SE or NO".
 */
export function tidy(phrase: Phrase): Phrase {
  if ('parts' in phrase) return phrase;
  const { combinator } = phrase;
  const members = phrase.members.map(tidy).flatMap((member): readonly Phrase[] => {
    const opens = 'members' in member && (member.combinator === combinator || member.members.length === 0);
    return opens ? member.members : [member];
  });
  const [first] = members;
  if (first && members.length === 1) return first;
  return together(combinator, members) ?? { combinator, members };
}

function together(combinator: Combinator, members: readonly Phrase[]): Phrase | null {
  const [first] = members;
  if (combinator !== 'or' || !first || !('parts' in first) || !first.equal) return null;
  const parts: Part[] = first.parts.slice(0, 2); // field and operator; the value is the third
  for (const [i, member] of members.entries()) {
    if (!('parts' in member) || member.equal !== first.equal) return null;
    if (i > 0) parts.push(part('join', i === members.length - 1 ? 'or' : ','));
    parts.push(...member.parts.slice(2));
  }
  return { parts, equal: null };
}

/** Returns the parts of a simplified phrase, without brackets around it. */
export function bare(phrase: Phrase): readonly Part[] {
  if ('parts' in phrase) return phrase.parts;
  const join = isLong(phrase.members) ? `, ${phrase.combinator}` : phrase.combinator;
  return phrase.members.flatMap((member, i) => [...(i > 0 ? [part('join', join)] : []), ...bracketed(member)]);
}

/** Returns the parts of a simplified phrase, with brackets around a group. */
export function bracketed(phrase: Phrase): readonly Part[] {
  return 'parts' in phrase ? phrase.parts : [part('open', '('), ...bare(phrase), part('close', ')')];
}

/** Reports whether the members need commas: there are more than two, or one is itself joined. */
function isLong(members: readonly Phrase[]): boolean {
  return (
    members.length > 2 ||
    members.some((member) => 'members' in member || member.parts.some(({ kind }) => kind === 'join'))
  );
}
