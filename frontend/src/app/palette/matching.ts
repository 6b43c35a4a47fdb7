/** A command of the palette. */
export interface Command {
  id: string;
  /** The heading under which the palette lists it. */
  group: string;
  label: string;
  run: () => void;
}

/** Returns the commands whose group or label contains each word of the text, in their order. */
export function matching(commands: readonly Command[], text: string): readonly Command[] {
  const words = text.toLocaleLowerCase().split(/\s+/).filter(Boolean);
  return commands.filter(({ group, label }) => {
    const all = `${group} ${label}`.toLocaleLowerCase();
    return words.every((word) => all.includes(word));
  });
}
