import { earliest, type Instant } from '../base/instant.ts';
import type { Roster } from './roster.ts';
import { compareText, holds, type Span, union } from './span.ts';

/** A person's time on a role, shifts that meet taken together. */
export type Turn = Span & { readonly person: string };

/** Who has a role at a moment, and who comes on next. */
export type Duty = {
  readonly now: readonly Turn[];
  /** The first who come on afterwards, all at one moment. */
  readonly next: readonly Turn[];
};

/** Everyone's turns on a role, in order of time. */
export function turnsOf({ shifts }: Roster, role: string): Turn[] {
  const own = Map.groupBy(
    shifts.filter((shift) => shift.role === role),
    ({ person }) => person,
  );
  return [...own]
    .flatMap(([person, spans]) => union(spans).map((span) => ({ ...span, person })))
    .sort((a, b) => compareText(a.from, b.from) || compareText(a.person, b.person));
}

/** Who has a role at a moment and who comes next. A role nobody knows has nobody. */
export function onDuty(roster: Roster, role: string, at: Instant): Duty {
  const turns = turnsOf(roster, role);
  const coming = turns.filter(({ from }) => from > at);
  const first = earliest(...coming.map(({ from }) => from));
  return {
    now: turns.filter((turn) => holds(turn, at)),
    next: coming.filter(({ from }) => from === first),
  };
}

/** Whether all calendars of a role could be read; else an empty place may be filled all the same. */
export const isFullyRead = ({ calendars }: Roster, role: string): boolean =>
  calendars.every((calendar) => calendar.role !== role || calendar.isRead);
