import {
  DAY,
  epochMs,
  HOUR,
  type Instant,
  instantOf,
  MINUTE,
  type Ms,
  SECOND,
} from '../core/base/instant.ts';
import type { Context } from './context.ts';
import { misuse } from './exit.ts';

const UNITS: Readonly<Record<string, Ms>> = { ms: 1, s: SECOND, m: MINUTE, h: HOUR, d: DAY };

/** `90s`, `30m`, `2h30m`, `7d`; undefined for anything else, and for nothing at all. */
export function parseDuration(text: string): Ms | undefined {
  const parts = [...text.matchAll(/(\d{1,9})(ms|s|m|h|d)/g)];
  if (parts.length === 0 || parts.map((part) => part[0]).join('') !== text) return undefined;
  return parts.reduce((sum, [, count, unit]) => sum + Number(count) * UNITS[unit!]!, 0);
}

/** A duration a person typed. Throws a misuse that names the flag. */
export function durationOf(text: string, flag: string): Ms {
  const ms = parseDuration(text);
  if (ms === undefined || ms <= 0)
    throw misuse(`${flag} ${text}: expected a duration such as 30m, 2h30m or 7d`);
  return ms;
}

/**
 * An instant a person typed: `24h` (from now), `06:00Z` (the next one), or RFC 3339 with a zone.
 * Throws a misuse that names the flag; the past is refused, since every use is a deadline.
 */
export function deadlineOf(text: string, flag: string, now: Instant): Instant {
  const ms = parseDuration(text);
  const at = ms === undefined ? timeOf(text, now) : epochMs(now) + ms;
  if (at === undefined)
    throw misuse(`${flag} ${text}: expected 24h, 06:00Z or ${now.slice(0, 19)}Z (with its zone)`);
  if (at <= epochMs(now)) throw misuse(`${flag} ${text}: is in the past; expected a time after ${now}`);
  return instantOf(at);
}

/** A moment a person typed in full, RFC 3339 with a zone. Throws a misuse that names the flag. */
export function pastOf(text: string, flag: string): Instant {
  const at = fullTimeOf(text);
  if (at === undefined) throw misuse(`${flag} ${text}: expected a time such as 2026-06-30T12:00:00Z`);
  return instantOf(at);
}

/** A deadline by the hub's clock. What cannot be read is refused before the hub is asked. */
export async function hubDeadlineOf(text: string, flag: string, context: Context): Promise<Instant> {
  const now = context.io.now();
  const isReadable = parseDuration(text) !== undefined || timeOf(text, now) !== undefined;
  return deadlineOf(text, flag, isReadable ? await context.hubNow() : now);
}

function timeOf(text: string, now: Instant): number | undefined {
  const clock = /^([01]\d|2[0-3]):([0-5]\d)Z$/.exec(text);
  if (clock) {
    const today = epochMs(`${now.slice(0, 10)}T${clock[1]}:${clock[2]}:00.000Z`);
    return today > epochMs(now) ? today : today + DAY;
  }
  return fullTimeOf(text);
}

function fullTimeOf(text: string): number | undefined {
  const full = /^\d{4}-\d\d-\d\dT\d\d:\d\d(:\d\d(\.\d{1,9})?)?(Z|[+-]\d\d:\d\d)$/.test(text);
  const at = Date.parse(text);
  return full && Number.isFinite(at) ? at : undefined;
}
