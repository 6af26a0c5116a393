import ICAL from 'ical.js';
import { CalendarFault } from './fault.ts';

/** A time as a calendar writes it: what clocks show (counted as if it were UTC), and whose clocks. */
export type Wall = {
  readonly ms: number;
  readonly of: 'utc' | 'floating' | 'zone';
  readonly tzid?: string;
  /** A whole day; `ms` is its midnight. */
  readonly isDate: boolean;
};

/** The time on the wall of a parsed time. Throws a CalendarFault: it is none. */
export function wallMs(time: InstanceType<typeof ICAL.Time>): number {
  const ms = Date.UTC(time.year, time.month - 1, time.day, time.hour, time.minute, time.second);
  if (!Number.isFinite(ms)) throw new CalendarFault(`${String(time)} is no time`);
  return ms;
}

export function wallOf(time: unknown, tzid: string | undefined): Wall {
  if (!(time instanceof ICAL.Time)) throw new CalendarFault(`${String(time).slice(0, 80)} is no time`);
  const ms = wallMs(time);
  if (time.isDate) return { ms, of: 'floating', isDate: true };
  if (time.zone === ICAL.Timezone.utcTimezone) return { ms, of: 'utc', isDate: false };
  if (tzid === undefined) return { ms, of: 'floating', isDate: false };
  return { ms, of: 'zone', tzid, isDate: false };
}
