import type { Definition, Rule } from '@/api/client';
import { type EventChoice, eventFault, eventRange, noEvents } from './events';

/** A group of columns that an export may include. */
export type Group = 'attributes' | 'extendedProfiles' | 'foreignKeys' | 'grants';
/** The CSV dialect of the file. */
export type Dialect = NonNullable<Definition['file']>['dialect'];
/** The compression of the file. */
export type Compression = NonNullable<Definition['file']>['compression'];

/** The state of the dialog. */
export interface ExportForm {
  /** A user store's id or `all`; null until one is chosen. */
  store: string | null;
  filter: Rule | null;
  /** The search text as typed; blank for none. */
  search: string;
  include: Readonly<Record<Group, boolean>>;
  /** The app ids whose profiles are exported; empty for all. */
  appIds: readonly string[];
  onlyMatching: boolean;
  /** The state events file. */
  events: EventChoice;
  dialect: Dialect;
  compression: Compression;
}

/** The users that the screen shows: store, filter and search. */
export type Shown = Pick<ExportForm, 'store' | 'filter' | 'search'>;

/** What the admin chose last: a definition without users. */
export type Choices = Pick<Definition, 'include' | 'stateEvents' | 'file'>;

const firstChoices: Choices = {
  include: { attributes: true, foreignKeys: false, grants: true },
  file: { dialect: 'spreadsheet', compression: 'none' },
};

/**
 * Returns the initial state: the screen's users, with what the admin chose last. Without an earlier
 * choice: attributes and grants, for a spreadsheet.
 */
export function formOf({ store, filter, search }: Shown, choices: Choices | null = null): ExportForm {
  const { include, stateEvents, file } = choices ?? firstChoices;
  const { attributes = false, extendedProfiles, foreignKeys = false, grants = false } = include;
  return {
    store,
    filter,
    search,
    include: { attributes, extendedProfiles: Boolean(extendedProfiles), foreignKeys, grants },
    appIds: extendedProfiles?.appIds?.filter((id) => id !== 'all') ?? [],
    onlyMatching: attributes && (extendedProfiles?.onlyMatching ?? false), // without attributes it is implied
    events: { ...noEvents, chosen: Boolean(stateEvents) },
    dialect: file?.dialect ?? 'rfc4180',
    compression: file?.compression ?? 'none',
  };
}

/** Returns the choices to remember: everything except the users and the range of state events. */
export function choicesOf({ users: _users, stateEvents, ...definition }: Definition): Choices {
  return { ...definition, ...(stateEvents && { stateEvents: {} }) };
}

/** Returns the search text to send; "" for none. */
export function searchOf({ search }: Pick<ExportForm, 'search'>): string {
  return search.trim();
}

/** Reports whether any group is included, so that there is a users file. */
export function hasGroup({ include }: Pick<ExportForm, 'include'>): boolean {
  return Object.values(include).some(Boolean);
}

/** Reports whether only the state events file is exported. */
export function eventsAlone(form: Pick<ExportForm, 'include' | 'events'>): boolean {
  return form.events.chosen && !hasGroup(form);
}

/** Reports whether the export makes any file. */
export function hasFile(form: Pick<ExportForm, 'include' | 'events'>): boolean {
  return form.events.chosen || hasGroup(form);
}

/**
 * Reports whether profiles are chosen without attributes. Then only users with a matching profile
 * are exported.
 */
export function mustMatch({ include }: Pick<ExportForm, 'include'>): boolean {
  return include.extendedProfiles && !include.attributes;
}

/** Returns the definition to send; null while the form is incomplete. */
export function definitionOf(form: ExportForm): Definition | null {
  const { store, filter, include, appIds, onlyMatching, events, dialect, compression } = form;
  if (store === null || !hasFile(form) || eventFault(events)) return null;
  const search = searchOf(form);
  const { attributes, foreignKeys, grants } = include;
  const extendedProfiles = {
    appIds: appIds.length > 0 ? [...appIds] : ['all'],
    onlyMatching: onlyMatching || mustMatch(form),
  };
  return {
    include: { attributes, ...(include.extendedProfiles && { extendedProfiles }), foreignKeys, grants },
    users: { userStoreId: store, ...(filter && { filter }), ...(search && { search }) },
    ...(events.chosen && { stateEvents: eventRange(events) }),
    file: { dialect, compression },
  };
}

/**
 * Returns the definition to count and preview; null while the form is incomplete. It concerns users
 * only, so the range of state events does not change it.
 */
export function previewedOf(form: ExportForm): Definition | null {
  return definitionOf({ ...form, events: { ...noEvents, chosen: eventsAlone(form) } });
}
