import ICAL from 'ical.js';
import { DAY } from '../../core/base/instant.ts';
import { type Budget, CalendarFault } from './fault.ts';
import { repetitions } from './repetitions.ts';
import { type Rule, reasonOf } from './vevent.ts';
import { wallOf } from './wall.ts';
import { type Change, OFFSET_MS_MAX, type Zone, zoneOfChanges } from './zone.ts';

type Component = InstanceType<typeof ICAL.Component>;

const CHANGES_MAX = 5_000;

/** The clocks a VTIMEZONE describes, up to `toMs`. Throws a CalendarFault: it describes none, or too many changes. */
export function vtimezone(component: Component, toMs: number, budget: Budget): Zone {
  const tzid = String(component.getFirstPropertyValue('tzid') ?? '');
  const changes: Change[] = [];
  for (const part of component.getAllSubcomponents()) {
    if (part.name !== 'standard' && part.name !== 'daylight') continue;
    for (const change of changesOf(part, { tzid, toMs, budget })) changes.push(change);
    if (changes.length > CHANGES_MAX)
      throw new CalendarFault(`time zone "${tzid.slice(0, 80)}" has more than ${CHANGES_MAX} changes`);
  }
  if (changes.length === 0) throw new CalendarFault(`time zone "${tzid.slice(0, 80)}" describes no clocks`);
  return zoneOfChanges(changes);
}

function changesOf(
  part: Component,
  { tzid, toMs, budget }: { readonly tzid: string; readonly toMs: number; readonly budget: Budget },
): Change[] {
  const what = `time zone "${tzid.slice(0, 80)}"`;
  try {
    const [fromMs, offsetMs] = [offsetOf(part, 'tzoffsetfrom'), offsetOf(part, 'tzoffsetto')];
    const start = wallOf(part.getFirstPropertyValue('dtstart'), undefined);
    const looked = {
      fromMs: start.ms,
      toMs: toMs + DAY,
      utcOf: (wall: number) => wall - fromMs,
      budget,
      what,
    };
    const rules = part.getAllProperties('rrule').map((property) => property.getFirstValue() as Rule);
    const dates = part.getAllProperties('rdate').flatMap((property) => property.getValues());
    const walls = [
      start.ms,
      ...rules.flatMap((rule) => repetitions(yearly(rule), start, looked)),
      ...dates.map((date: unknown) => wallOf(date, undefined).ms),
    ];
    return walls.map((wall) => ({ utcMs: wall - fromMs, fromMs, toMs: offsetMs }));
  } catch (problem) {
    const said = reasonOf(problem);
    throw new CalendarFault(said.startsWith(what) ? said : `${what}: ${said}`);
  }
}

function yearly(rule: Rule): Rule {
  if (rule.freq === 'YEARLY') return rule;
  throw new CalendarFault(`its clocks are changed ${String(rule.freq)}, expected YEARLY`);
}

function offsetOf(part: Component, name: string): number {
  const value = part.getFirstPropertyValue(name);
  if (!(value instanceof ICAL.UtcOffset)) throw new CalendarFault(`it has no ${name.toUpperCase()}`);
  const ms = value.toSeconds() * 1_000;
  if (!(Math.abs(ms) < OFFSET_MS_MAX)) throw new CalendarFault(`its ${name.toUpperCase()} is a day or more`);
  return ms;
}
