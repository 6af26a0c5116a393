import { HOUR, type Instant, plus } from '../base/instant.ts';
import { type CalendarRead, makeRoster, type Roster, type RosterRole } from './roster.ts';
import type { Span } from './span.ts';

// For tests of this stage: times are hours after a Monday, and shifts are written in one line each.

export const MONDAY = '2026-11-23T00:00:00.000Z';
export const hour = (n: number): Instant => plus(MONDAY, n * HOUR);
export const hours = (from: number, to: number): Span => ({ from: hour(from), to: hour(to) });

/** `[role, person, from, to]`, in hours. */
export type Row = readonly [role: string, person: string, from: number, to: number];

export const KNOWN = hours(-24, 24 * 75);

/** A roster of rows, one calendar a role; `unread`: roles whose calendar could not be read. */
export function rosterOf(
  rows: readonly Row[],
  more: { readonly roles?: readonly RosterRole[]; readonly unread?: readonly string[] } = {},
): Roster {
  const names = [...new Set([...rows.map(([role]) => role), ...(more.unread ?? [])])];
  const roles = more.roles ?? names.map((name) => ({ name }));
  const calendars = roles.map(
    ({ name: role }): CalendarRead => ({
      role,
      calendar: `${role}.ics`,
      naming: 'any',
      warnings: [],
      ...(more.unread?.includes(role)
        ? { problem: 'it is away' }
        : {
            events: rows
              .filter((row) => row[0] === role)
              .map(([, summary, from, to]) => ({ ...hours(from, to), summary, attendees: [] })),
          }),
    }),
  );
  return makeRoster({ known: KNOWN, roles, people: [], calendars });
}
