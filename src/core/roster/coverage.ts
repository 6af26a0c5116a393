import type { Instant } from '../base/instant.ts';
import { isFullyRead, turnsOf } from './duty.ts';
import type { Roster } from './roster.ts';
import { compareText, lengthMs, type Span, union, within, without } from './span.ts';

/** How a role is filled over some time. */
export type RoleCoverage = {
  readonly role: string;
  /** When somebody must be there and nobody is. */
  readonly gaps: readonly Span[];
  /** The same where a calendar of the role could not be read: whether somebody is there is not known. */
  readonly unknown: readonly Span[];
  /** Of the time somebody must be there, the share somebody is, 0 to 1. */
  readonly covered: number;
  /** The one person who has the role in all that time, and nobody else. */
  readonly alone?: string;
};

/** One person with more than one role at once. */
export type DoubleBooking = Span & { readonly person: string; readonly roles: readonly string[] };

/** A calendar that has no shift at the end of the time asked for. `at` absent: it has none from its beginning on. */
export type EndingCalendar = { readonly role: string; readonly calendar: string; readonly at?: Instant };

/** How a role is filled over a time, which must lie in what the roster knows. */
export function coverageOf(roster: Roster, role: string, span: Span): RoleCoverage {
  const { needed = [span] } = roster.roles.find(({ name }) => name === role) ?? {};
  const must = within(union(needed), span);
  const turns = within(turnsOf(roster, role), span);
  const empty = without(must, union(turns));
  const whole = lengthMs(must);
  const names = [...new Set(turns.map(({ person }) => person))];
  const isRead = isFullyRead(roster, role);
  return {
    role,
    gaps: isRead ? empty : [],
    unknown: isRead ? [] : empty,
    covered: whole === 0 ? 1 : (whole - lengthMs(empty)) / whole,
    ...(isRead && names.length === 1 && { alone: names[0]! }),
  };
}

/** Who has several roles at once, person by person. */
export function doubleBookings(roster: Roster, span: Span): DoubleBooking[] {
  const all = roster.roles.flatMap(({ name: role }) =>
    within(turnsOf(roster, role), span).map((turn) => ({ ...turn, role })),
  );
  return [...Map.groupBy(all, ({ person }) => person)]
    .flatMap(([person, turns]) => crossings(turns).map((crossing) => ({ ...crossing, person })))
    .sort((a, b) => compareText(a.from, b.from) || compareText(a.person, b.person));
}

type RoleTurn = Span & { readonly role: string };
type Crossing = Span & { readonly roles: readonly string[] };

/** Where turns of different roles lie over each other; turns of one role never do. */
function crossings(turns: readonly RoleTurn[]): Crossing[] {
  const edges = turns
    .flatMap(({ from, to, role }) => [
      { at: from, role, isStart: true },
      { at: to, role, isStart: false },
    ])
    .sort((a, b) => compareText(a.at, b.at) || Number(a.isStart) - Number(b.isStart));
  const found: Crossing[] = [];
  const active = new Set<string>();
  let since: Instant | undefined;
  for (const { at, role, isStart } of edges) {
    if (active.size > 1 && since !== undefined && since < at)
      found.push({ from: since, to: at, roles: [...active].sort(compareText) });
    if (isStart) active.add(role);
    else active.delete(role);
    since = at;
  }
  return found;
}

/** Calendars that were read and are over before the time ends. */
export function endingCalendars({ calendars }: Roster, { to }: Span): EndingCalendar[] {
  return calendars
    .filter(({ isRead, lastsUntil }) => isRead && (lastsUntil === undefined || lastsUntil < to))
    .map(({ role, calendar, lastsUntil: at }) => ({ role, calendar, ...(at !== undefined && { at }) }));
}
