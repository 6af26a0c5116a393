import type ICAL from 'ical.js';
import { type Budget, CalendarFault } from './fault.ts';
import { vtimezone } from './vtimezone.ts';
import type { Wall } from './wall.ts';
import { ianaZone, toUtc, UTC, type Zone } from './zone.ts';

type Component = InstanceType<typeof ICAL.Component>;

/** The zones of days and times that name none. */
export type ZonesAsked = {
  /** What somebody said; it wins over what the calendar says. */
  readonly zone?: string;
  /** What holds when the calendar says nothing; without it UTC, with a warning. */
  readonly zoneDefault?: string;
};

/** Whose clocks a time of a calendar is read by. */
export type Clocks = {
  /** The instant of a time on the wall of the clocks `like` is written for. Throws a CalendarFault: an unknown zone. */
  readonly utcOf: (ms: number, like: Wall) => number;
};

/**
 * A zone with an IANA name is what this machine knows of it, which is newer than what files carry; a file that says
 * otherwise at a time that matters is warned of. Any other zone is what the file describes.
 */
export function clocksOf(
  calendar: Component,
  of: {
    readonly asked: ZonesAsked;
    readonly budget: Budget;
    readonly warnings: Set<string>;
    readonly toMs: number;
  },
): Clocks {
  const written = new Map(
    calendar
      .getAllSubcomponents('vtimezone')
      .map((component) => [String(component.getFirstPropertyValue('tzid') ?? ''), component] as const),
  );
  const described = once((tzid: string): Zone | undefined => {
    const component = written.get(tzid);
    return component && vtimezone(component, of.toMs, of.budget);
  });
  const named = once((tzid: string) => ianaZone(ianaNameOf(tzid, written.get(tzid))));
  const floating = once(() => floatingZone(calendar, of));
  const zoned = (ms: number, tzid: string): number => {
    const known = named(tzid);
    const zone = known ?? described(tzid);
    if (zone === undefined)
      throw new CalendarFault(
        `time zone "${tzid.slice(0, 80)}" is not known: expected an IANA name such as Europe/Berlin, or a VTIMEZONE`,
      );
    const utc = toUtc(ms, zone);
    if (known !== undefined && written.has(tzid)) compare(utc, ms, tzid);
    return utc;
  };
  // What is wrong with clocks that are not used must not cost the calendar.
  const comparable = once((tzid: string) => {
    try {
      return described(tzid);
    } catch (problem) {
      if (!(problem instanceof CalendarFault)) throw problem;
      of.warnings.add(`its clocks of ${tzid.slice(0, 80)} cannot be read; the machine's are used`);
      return undefined;
    }
  });
  const compare = (utc: number, ms: number, tzid: string) => {
    const other = comparable(tzid);
    if (other !== undefined && toUtc(ms, other) !== utc)
      of.warnings.add(
        `its clocks of ${tzid.slice(0, 80)} differ from those this machine knows; the machine's are used`,
      );
  };
  return {
    utcOf: (ms, like) => {
      if (like.of === 'utc') return ms;
      return like.of === 'floating' ? toUtc(ms, floating('')) : zoned(ms, like.tzid!);
    },
  };
}

function floatingZone(
  calendar: Component,
  { asked, warnings }: { readonly asked: ZonesAsked; readonly warnings: Set<string> },
): Zone {
  const own = String(calendar.getFirstPropertyValue('x-wr-timezone') ?? '');
  const said = asked.zone ?? (ianaZone(own) ? own : asked.zoneDefault);
  if (said === undefined) warnings.add('it has days or times without a time zone, read as UTC; set zone');
  return ianaZone(said ?? 'UTC') ?? UTC;
}

/** `Europe/Berlin` of itself, of `/example.org/20260101/Europe/Berlin`, or of the place a VTIMEZONE names. */
function ianaNameOf(tzid: string, component: Component | undefined): string {
  if (ianaZone(tzid)) return tzid;
  const location = String(component?.getFirstPropertyValue('x-lic-location') ?? '');
  if (location !== '' && ianaZone(location)) return location;
  const tail = /([A-Za-z_]+\/[A-Za-z_+-]+(?:\/[A-Za-z_]+)?)$/.exec(tzid.slice(-80))?.[1] ?? '';
  return tzid.startsWith('/') ? tail : '';
}

function once<T>(make: (key: string) => T): (key: string) => T {
  const made = new Map<string, T>();
  return (key) => {
    if (!made.has(key)) made.set(key, make(key));
    return made.get(key) as T;
  };
}
