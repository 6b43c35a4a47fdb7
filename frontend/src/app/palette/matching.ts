/** A command of the palette. */
export interface Command {
  id: string;
  /** The kind of the command, which the palette shows before the label. */
  group: string;
  label: string;
  /** What tells it from commands with the same label, or why it cannot run. */
  note?: string;
  disabled?: boolean;
  /** Only shown if it matches a text. */
  foundOnly?: boolean;
  run: () => void;
}

const wordsOf = (text: string) => text.toLocaleLowerCase().split(/\s+/).filter(Boolean);

/** Returns the commands that contain each word of the text, in their order; for no words, all but the `foundOnly`. */
export function matching(commands: readonly Command[], text: string): readonly Command[] {
  const words = wordsOf(text);
  if (words.length === 0) return commands.filter(({ foundOnly }) => !foundOnly);
  return commands.filter((command) => {
    const all = nameOf(command).toLocaleLowerCase();
    return words.every((word) => all.includes(word));
  });
}

/** Returns a command's name for screen readers: "Go to: Settings". */
export function nameOf({ group, label, note }: Command): string {
  return `${group}: ${label}${note ? `, ${note}` : ''}`;
}
