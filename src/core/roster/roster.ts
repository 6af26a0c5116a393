import type { Instant } from '../base/instant.ts';
import { type CalendarEvent, type Naming, type Person, peopleOf } from './person.ts';
import { compareText, type Span, within } from './span.ts';

/** What reading one calendar gave. */
export type CalendarRead = {
  readonly role: string;
  /** What people call it: a path, or the host of an address. */
  readonly calendar: string;
  readonly naming: Naming;
  /** Absent: nothing could be read, so who is on duty by it is not known. */
  readonly events?: readonly CalendarEvent[];
  /** Why it could not be read just now; with `events` these are of the copy. */
  readonly problem?: string;
  /** When the copy was fetched that is used in its place. */
  readonly copyFrom?: Instant;
  readonly warnings: readonly string[];
};

/** A person has a role for some time. */
export type Shift = Span & { readonly role: string; readonly person: string; readonly calendar: string };

export type RosterRole = {
  readonly name: string;
  /** When somebody must be there; absent: always. */
  readonly needed?: readonly Span[];
};

export type CalendarState = Omit<CalendarRead, 'events' | 'naming'> & {
  readonly isRead: boolean;
  /** The end of its last shift that is known. */
  readonly lastsUntil?: Instant;
};

/** Who has which role when, for a known time. Outside `known` nothing is said. */
export type Roster = {
  readonly known: Span;
  readonly roles: readonly RosterRole[];
  readonly people: readonly Person[];
  readonly calendars: readonly CalendarState[];
  /** In order of time; the same for any order of the events. */
  readonly shifts: readonly Shift[];
};

/** Brings calendars together. Events that name nobody are said and left out. */
export function makeRoster(from: {
  readonly known: Span;
  readonly roles: readonly RosterRole[];
  readonly people: readonly Person[];
  readonly calendars: readonly CalendarRead[];
}): Roster {
  const { known, roles, people } = from;
  const read = from.calendars.map((calendar) => readOf(calendar, known, people));
  const shifts = distinct(read.flatMap((one) => one.shifts).toSorted(compareShifts));
  return { known, roles, people, calendars: read.map(({ state }) => state), shifts };
}

function readOf(
  { events, naming, ...calendar }: CalendarRead,
  known: Span,
  people: readonly Person[],
): { readonly state: CalendarState; readonly shifts: readonly Shift[] } {
  const { role, calendar: name } = calendar;
  // An event that began before is kept whole: people ask since when.
  const seen = (events ?? []).filter((event) => event.from < event.to && within([event], known).length > 0);
  const named = seen.map((event) => ({ event, who: peopleOf(event, people, naming) }));
  const nobody = named.filter(({ who }) => who.length === 0).map(({ event }) => event.from);
  const shifts = named.flatMap(({ event: { from, to }, who }) =>
    who.map((person) => ({ from, to, role, person, calendar: name })),
  );
  const last = shifts
    .map(({ to }) => to)
    .sort(compareText)
    .at(-1);
  const state: CalendarState = {
    ...calendar,
    isRead: events !== undefined,
    ...(last !== undefined && { lastsUntil: last }),
    warnings: [...calendar.warnings, ...nobodyNamed(nobody)],
  };
  return { state, shifts };
}

function nobodyNamed(starts: readonly Instant[]): string[] {
  const [first] = starts.toSorted(compareText);
  if (first === undefined) return [];
  const which = starts.length === 1 ? `the event of ${first} names` : `${starts.length} events name`;
  return [`${which} nobody${starts.length === 1 ? '' : `, the first at ${first}`}; left out`];
}

const KEYS = ['from', 'to', 'role', 'person', 'calendar'] as const;

const compareShifts = (a: Shift, b: Shift): number =>
  KEYS.map((key) => compareText(a[key], b[key])).find((order) => order !== 0) ?? 0;

const distinct = (sorted: readonly Shift[]): Shift[] =>
  sorted.filter((shift, at) => at === 0 || compareShifts(sorted[at - 1]!, shift) !== 0);
