import type { Roster } from '../core/roster/roster.ts';
import type { Span } from '../core/roster/span.ts';
import type { RosterConfig } from '../wire/roster.ts';

/** Reads the calendars of a roster. */
export interface RosterSource {
  /**
   * The roster for a time. Never rejects for a calendar's sake: one that cannot be read is named with its problem, and
   * the last good copy stands in for an address that does not answer.
   */
  read(config: RosterConfig, span: Span): Promise<Roster>;
}
