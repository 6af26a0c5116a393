/**
 * A point in time as RFC 3339 UTC text with milliseconds, e.g. `2026-11-21T20:31:07.000Z`.
 *
 * One spelling everywhere (ledger, API, screens), and it sorts as text, so comparing two
 * instants is `<` on strings. Only `instantOf` makes one.
 */
export type Instant = string;

/** A length of time in milliseconds. Names that hold one end in `Ms`. */
export type Ms = number;

export const SECOND: Ms = 1_000;
export const MINUTE: Ms = 60 * SECOND;
export const HOUR: Ms = 60 * MINUTE;
export const DAY: Ms = 24 * HOUR;

/** The instant `ms` milliseconds after the Unix epoch. Throws RangeError when it is not a time. */
export function instantOf(ms: number): Instant {
  return new Date(ms).toISOString();
}

/** Milliseconds since the Unix epoch. NaN when `at` is not a time. */
export function epochMs(at: Instant): number {
  return Date.parse(at);
}

/** `at` plus `ms` (which may be negative). */
export function plus(at: Instant, ms: Ms): Instant {
  return instantOf(epochMs(at) + ms);
}

/** Milliseconds from `from` to `to`; negative when `to` is earlier. */
export function msBetween(from: Instant, to: Instant): Ms {
  return epochMs(to) - epochMs(from);
}

/** The earliest of the instants given, or undefined when there is none. */
export function earliest(...ats: (Instant | undefined)[]): Instant | undefined {
  return ats.reduce((a, b) => (a === undefined ? b : b === undefined || a < b ? a : b), undefined);
}

/** `18m`, `2h56m`, `40s`, `3d4h`: at most two units, rounded down, never empty. */
export function durationText(ms: Ms): string {
  const sign = ms < 0 ? '-' : '';
  const s = Math.floor(Math.abs(ms) / SECOND);
  const pair = (big: number, bigUnit: string, small: number, smallUnit: string) =>
    `${sign}${big}${bigUnit}${small === 0 ? '' : `${small}${smallUnit}`}`;
  if (s < 60) return `${sign}${s}s`;
  if (s < 3_600)
    return s < 600 ? pair(Math.floor(s / 60), 'm', s % 60, 's') : pair(Math.floor(s / 60), 'm', 0, '');
  if (s < 86_400) return pair(Math.floor(s / 3_600), 'h', Math.floor((s % 3_600) / 60), 'm');
  return pair(Math.floor(s / 86_400), 'd', Math.floor((s % 86_400) / 3_600), 'h');
}

/** `2026-11-20 20:31Z`: for texts that are kept, which have no now. */
export const dayText = (at: Instant): string => `${at.slice(0, 10)} ${at.slice(11, 16)}Z`;

/** `20:31Z` on the same day as `now`, `2026-11-20 20:31Z` otherwise. */
export function clockText(at: Instant, now: Instant): string {
  const time = `${at.slice(11, 16)}Z`;
  return at.slice(0, 10) === now.slice(0, 10) ? time : dayText(at);
}
