import { DAY, type Instant, plus } from '../base/instant.ts';
import {
  coverageOf,
  type DoubleBooking,
  doubleBookings,
  type EndingCalendar,
  endingCalendars,
  type RoleCoverage,
} from './coverage.ts';
import { isFullyRead, onDuty, type Turn } from './duty.ts';
import type { CalendarState, Roster } from './roster.ts';
import type { Span } from './span.ts';

/** Somebody on a role. `isListed`: the person is among those the configuration lists (or it lists none). */
export type OnDuty = Turn & { readonly contact?: string; readonly isListed: boolean };

export type RoleReport = RoleCoverage & {
  /** All calendars of the role could be read; else an empty `now` means unknown, not nobody. */
  readonly isRead: boolean;
  /** Somebody must be there at the moment. */
  readonly isNeeded: boolean;
  readonly now: readonly OnDuty[];
  readonly next: readonly OnDuty[];
};

/** Who is there now and next, and what is wrong with the days to come. */
export type RosterReport = {
  readonly at: Instant;
  readonly days: number;
  readonly until: Instant;
  readonly roles: readonly RoleReport[];
  readonly doubleBookings: readonly DoubleBooking[];
  readonly ending: readonly EndingCalendar[];
  readonly calendars: readonly CalendarState[];
};

/** A report of what a hub read last. `readAt`: when its calendars were gone through. */
export type HubRoster = RosterReport & { readonly readAt: Instant };

/** A hub reads for two weeks and who comes next; what lies in that it can tell. */
export const HUB_DAYS = 14;
export const HUB_DAYS_MAX = 60;

/** What must be read for a report: the time asked for, and beyond it for who comes next. */
export const spanToRead = (at: Instant, days: number): Span => ({
  from: plus(at, -DAY),
  to: plus(at, (days + BEYOND_DAYS) * DAY),
});

const BEYOND_DAYS = 60;

/** The report of a roster read for `spanToRead`. */
export function rosterReport(
  roster: Roster,
  { at, days }: { readonly at: Instant; readonly days: number },
): RosterReport {
  const span: Span = { from: at, to: plus(at, days * DAY) };
  return {
    at,
    days,
    until: span.to,
    roles: roster.roles.map(({ name }) => roleReport(roster, name, span)),
    doubleBookings: doubleBookings(roster, span),
    ending: endingCalendars(roster, span),
    calendars: roster.calendars,
  };
}

function roleReport(roster: Roster, role: string, span: Span): RoleReport {
  const duty = onDuty(roster, role, span.from);
  const { needed } = roster.roles.find(({ name }) => name === role) ?? {};
  const known = (turn: Turn): OnDuty => {
    const person = roster.people.find(({ name }) => name === turn.person);
    return {
      ...turn,
      isListed: person !== undefined || roster.people.length === 0,
      ...(person?.contact !== undefined && { contact: person.contact }),
    };
  };
  return {
    ...coverageOf(roster, role, span),
    isRead: isFullyRead(roster, role),
    isNeeded: needed?.some(({ from, to }) => from <= span.from && span.from < to) ?? true,
    now: duty.now.map(known),
    next: duty.next.map(known),
  };
}
