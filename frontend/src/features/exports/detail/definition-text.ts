import type { Definition } from '@/api/client';
import { momentUtc } from '@/shared/ui/format';

/** A piece of a sentence. Strong pieces are the values; the others join them. */
export interface Piece {
  text: string;
  strong?: boolean;
}

const strong = (text: string): Piece => ({ text, strong: true });
const plain = (text: string): Piece => ({ text });

/**
 * Returns the sentence about the users, which the server wrote when the job was created. Adds "UTC"
 * if it has dates.
 */
export function usersText(words: string, definition: Definition): Piece[] {
  return hasDates(definition) ? [strong(words), plain(' (UTC, each day whole)')] : [strong(words)];
}

const date = /^\d{4}-\d{2}-\d{2}/;

function hasDates({ users }: Definition): boolean {
  if (users?.since || users?.registeredSince || users?.registeredBefore) return true;
  return !!users?.filter && ruleHasDates(users.filter);
}

function ruleHasDates({ rules, value, from, to }: NonNullable<NonNullable<Definition['users']>['filter']>): boolean {
  if (rules) return rules.some(ruleHasDates);
  return [value, from, to].some((scalar) => typeof scalar === 'string' && date.test(scalar));
}

/** Returns the chosen contents: "Attributes, Extended Profiles of all app IDs, Grants". */
export function contentsText({ include }: Definition): Piece[] {
  const { attributes, extendedProfiles: profiles, foreignKeys, grants } = include;
  const parts: Piece[][] = [];
  if (attributes) parts.push([strong('Attributes')]);
  if (profiles) {
    const apps = profiles.appIds.includes('all') ? 'all app IDs' : profiles.appIds.join(', ');
    const only = profiles.onlyMatching ? ', only users who have one' : '';
    parts.push([strong('Extended Profiles'), plain(` of ${apps}${only}`)]);
  }
  if (foreignKeys) parts.push([strong('Foreign Keys')]);
  if (grants) parts.push([strong('Grants'), plain(' (one row per subscription)')]);
  return parts.flatMap((part, i) => (i ? [plain(', '), ...part] : part));
}

/** Returns the file's dialect and compression. */
export function fileText({ file }: Definition): Piece[] {
  const dialect =
    file?.dialect === 'spreadsheet'
      ? [strong('Spreadsheet'), plain(': UTF-8 with byte-order mark, formulas made harmless')]
      : [strong('RFC 4180'), plain(': UTF-8, every value as it is')];
  if (!file || file.compression === 'none') return dialect;
  return [...dialect, plain('; compressed with '), strong(file.compression)];
}

/** Returns the time range of the state events file; null if the definition has none. */
export function eventsText({ stateEvents }: Definition): Piece[] | null {
  if (!stateEvents) return null;
  const { from, to } = stateEvents;
  if (!from && !to) return [strong('All of them'), plain(', in a second file')];
  const parts: Piece[] = [];
  if (from) parts.push(plain('from '), strong(instant(from)));
  if (to) parts.push(plain(from ? ' to ' : 'up to '), strong(instant(to)));
  return [...parts, plain(', in a second file')];
}

function instant(time: string): string {
  return time.length === 10 ? `${momentUtc(time).split(',')[0]} UTC` : momentUtc(time);
}
