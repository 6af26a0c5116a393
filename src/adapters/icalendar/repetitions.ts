import ICAL from 'ical.js';
import { DAY } from '../../core/base/instant.ts';
import { type Budget, CalendarFault } from './fault.ts';
import { misread } from './misread.ts';
import type { Rule } from './vevent.ts';
import { type Wall, wallMs } from './wall.ts';

/** What repetitions are looked for: times on the wall, and the instant such a time is. */
export type Looked = {
  readonly fromMs: number;
  readonly toMs: number;
  readonly utcOf: (wall: number) => number;
  readonly budget: Budget;
  readonly what: string;
};

/** A time on the wall and the instant of it are never further apart. */
export const ZONE_SLACK_MS = 2 * DAY;

/** The beginnings a rule gives, as times on the wall from `fromMs` to `toMs`, in order. */
export function repetitions(rule: Rule, start: Wall, looked: Looked): number[] {
  const found: number[] = [];
  const isOver = endOf(rule, looked);
  const iterator = iteratorOf(rule, start);
  for (;;) {
    looked.budget.take(looked.what);
    const time = iterator.next();
    if (!time) return found;
    const ms = wallMs(time);
    if (ms > looked.toMs || isOver(ms)) return found;
    if (ms >= looked.fromMs) found.push(ms);
  }
}

/** The library compares UNTIL, which is UTC, with times on the wall; so it is taken out, and compared here. */
function iteratorOf(rule: Rule, start: Wall) {
  const wrong = misread(rule);
  if (wrong !== undefined)
    throw new CalendarFault(`its rule has ${wrong}, which is not read; make it simpler rules or events`);
  const free = rule.clone();
  free.until = null;
  const at = new Date(start.ms);
  const dtstart = new ICAL.Time(
    {
      year: at.getUTCFullYear(),
      month: at.getUTCMonth() + 1,
      day: at.getUTCDate(),
      hour: at.getUTCHours(),
      minute: at.getUTCMinutes(),
      second: at.getUTCSeconds(),
      isDate: start.isDate,
    },
    ICAL.Timezone.localTimezone,
  );
  if (!(rule.interval >= 1)) throw new CalendarFault('its INTERVAL is below 1');
  return free.iterator(dtstart);
}

function endOf({ until }: Rule, { utcOf }: Looked): (wall: number) => boolean {
  if (!until) return () => false;
  const end = wallMs(until);
  if (until.isDate) return (wall) => wall >= end + DAY;
  if (until.zone !== ICAL.Timezone.utcTimezone) return (wall) => wall > end;
  return (wall) => (Math.abs(wall - end) > ZONE_SLACK_MS ? wall > end : utcOf(wall) > end);
}
