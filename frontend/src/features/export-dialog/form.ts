import type { Definition, Rule } from '@/shared/api/client';
import { type EventChoice, eventFault, eventRange, noEvents } from './events';

/** A group of columns that an export may include. */
export type Group = 'attributes' | 'extendedProfiles' | 'foreignKeys' | 'grants';
/** How the file is written. */
export type Dialect = NonNullable<Definition['file']>['dialect'];
/** How the file is compressed. */
export type Compression = NonNullable<Definition['file']>['compression'];

/** What the dialog holds while it is open. */
export interface ExportForm {
  /** A user store's id, `all`, or null where none was chosen. */
  store: string | null;
  filter: Rule | null;
  /** What to search for, as it is typed; blank for nothing. */
  search: string;
  include: Readonly<Record<Group, boolean>>;
  /** Which apps' profiles; none named means all. */
  appIds: readonly string[];
  onlyMatching: boolean;
  /** The second file. */
  events: EventChoice;
  dialect: Dialect;
  compression: Compression;
}

/** Whom the screen shows: its store, its filter and its search. */
export type Shown = Pick<ExportForm, 'store' | 'filter' | 'search'>;

/** What the dialog opens with: the screen's users, who they are and what they bought, for a spreadsheet. */
export function formOf({ store, filter, search }: Shown): ExportForm {
  return {
    store,
    filter,
    search,
    include: { attributes: true, extendedProfiles: false, foreignKeys: false, grants: true },
    appIds: [],
    onlyMatching: false,
    events: noEvents,
    dialect: 'spreadsheet',
    compression: 'none',
  };
}

/** What is searched for; "" for nothing. */
export function searchOf({ search }: Pick<ExportForm, 'search'>): string {
  return search.trim();
}

/** Reports whether any group is included: whether there is a users file. */
export function hasGroup({ include }: Pick<ExportForm, 'include'>): boolean {
  return Object.values(include).some(Boolean);
}

/** Reports whether state events stand alone, without a users file. */
export function eventsAlone(form: Pick<ExportForm, 'include' | 'events'>): boolean {
  return form.events.chosen && !hasGroup(form);
}

/** Reports whether anything is to be made; a file of nothing is not. */
export function hasFile(form: Pick<ExportForm, 'include' | 'events'>): boolean {
  return form.events.chosen || hasGroup(form);
}

/** Reports whether profiles stand without attributes: then only users with a matching profile are exported. */
export function mustMatch({ include }: Pick<ExportForm, 'include'>): boolean {
  return include.extendedProfiles && !include.attributes;
}

/** The definition to send; null while the form does not make one. */
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
 * The definition to count and to preview; null while there is none. It is about users: which of their events are exported
 * changes nothing in it.
 */
export function previewedOf(form: ExportForm): Definition | null {
  return definitionOf({ ...form, events: { ...noEvents, chosen: eventsAlone(form) } });
}
