import { DAY, epochMs, instantOf, MINUTE } from '../../core/base/instant.ts';
import type { Span } from '../../core/roster/span.ts';
import type { HoursConfig } from '../../wire/roster.ts';
import { ianaZone, toUtc, UTC } from './zone.ts';

const DAYS = ['sun', 'mon', 'tue', 'wed', 'thu', 'fri', 'sat'] as const;

/** When somebody must be there, in a time: hours of the week by the clocks of a place. */
export function neededSpans(hours: readonly HoursConfig[], zoneDefault: string, span: Span): Span[] {
  const first = Math.floor(epochMs(span.from) / DAY) * DAY - DAY;
  const days = Math.ceil((epochMs(span.to) - first) / DAY) + 1;
  const midnights = Array.from({ length: days }, (_, day) => first + day * DAY);
  return hours.flatMap(({ days: on, from, to, zone: name = zoneDefault }) => {
    const zone = ianaZone(name) ?? UTC;
    return midnights
      .filter((midnight) => on.includes(DAYS[new Date(midnight).getUTCDay()]!))
      .map((midnight) => ({
        from: instantOf(toUtc(midnight + from * MINUTE, zone)),
        to: instantOf(toUtc(midnight + to * MINUTE, zone)),
      }));
  });
}
