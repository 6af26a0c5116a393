import ICAL from 'ical.js';
import { cleanTo } from './clean.ts';
import { CalendarFault } from './fault.ts';
import { type Wall, wallOf } from './wall.ts';

type Component = InstanceType<typeof ICAL.Component>;
type Property = InstanceType<typeof ICAL.Property>;
export type Rule = InstanceType<typeof ICAL.Recur>;

/** How long an event lasts: to a time on the wall, or for days on the wall and then exactly. */
export type Length =
  | { readonly kind: 'end'; readonly end: Wall }
  | { readonly kind: 'duration'; readonly days: number; readonly ms: number };

/** One VEVENT: an event, a series, or what became of one repetition of a series. */
export type Vevent = {
  readonly uid: string;
  readonly summary: string;
  readonly attendees: readonly { readonly name?: string; readonly email?: string }[];
  readonly isCancelled: boolean;
  readonly start: Wall;
  readonly length: Length;
  readonly rules: readonly Rule[];
  readonly exceptRules: readonly Rule[];
  readonly dates: readonly { readonly start: Wall; readonly length?: Length }[];
  readonly exceptDates: readonly Wall[];
  /** Which repetition it stands for; `andLater`: for all that follow too. */
  readonly replaces?: Wall & { readonly andLater: boolean };
  /** Of two versions of the same, the greater is newer. */
  readonly version: readonly [sequence: number, stamp: string, text: string];
};

const CHARS_MAX = 500;

/** Reads a VEVENT. Throws a CalendarFault that names it. */
export function readVevent(component: Component): Vevent {
  const text = JSON.stringify(component.jCal);
  const uid = textOf(component, 'uid') || text;
  const first = component.getFirstProperty('dtstart');
  try {
    if (first === null) throw new CalendarFault('it has no beginning (DTSTART)');
    const start = wallIn(first);
    return {
      uid,
      summary: cleanTo(CHARS_MAX, textOf(component, 'summary')),
      attendees: component.getAllProperties('attendee').flatMap(attendeeOf),
      isCancelled: textOf(component, 'status').toUpperCase() === 'CANCELLED',
      start,
      length: lengthOf(component, start),
      rules: rulesOf(component, 'rrule'),
      exceptRules: rulesOf(component, 'exrule'),
      dates: valuesOf(component, 'rdate').map(dateOf),
      exceptDates: valuesOf(component, 'exdate').map(({ value, tzid }) => wallOf(value, tzid)),
      ...replacesOf(component),
      version: [
        sequenceOf(component),
        textOf(component, 'last-modified') || textOf(component, 'dtstamp'),
        text,
      ],
    };
  } catch (problem) {
    throw new CalendarFault(`${nameOf(component)}: ${reasonOf(problem)}`);
  }
}

export const reasonOf = (problem: unknown): string =>
  (problem instanceof Error ? problem.message : String(problem)).slice(0, 200);

/** What people can find it by. */
function nameOf(component: Component): string {
  const of = (name: string) => {
    try {
      return textOf(component, name).slice(0, 80);
    } catch {
      return '';
    }
  };
  return `event "${of('summary') || of('uid') || 'without a title'}"`;
}

function textOf(component: Component, name: string): string {
  const value = component.getFirstPropertyValue(name);
  return value === null || value === undefined ? '' : String(value);
}

const sequenceOf = (component: Component): number => Number(textOf(component, 'sequence')) || 0;

/** A parameter that is given several times counts once. */
function parameter(property: Property, name: string): string | undefined {
  const value: unknown = property.getParameter(name);
  const one: unknown = Array.isArray(value) ? value[0] : value;
  return typeof one === 'string' && one !== '' ? one : undefined;
}

const wallIn = (property: Property): Wall => wallOf(property.getFirstValue(), parameter(property, 'tzid'));

type Value = { readonly value: unknown; readonly tzid: string | undefined };

const valuesOf = (component: Component, name: string): Value[] =>
  component
    .getAllProperties(name)
    .flatMap((property) =>
      property.getValues().map((value: unknown) => ({ value, tzid: parameter(property, 'tzid') })),
    );

function dateOf({ value, tzid }: Value): Vevent['dates'][number] {
  if (!(value instanceof ICAL.Period)) return { start: wallOf(value, tzid) };
  const start = wallOf(value.start, tzid);
  if (value.end) return { start, length: { kind: 'end', end: wallOf(value.end, tzid) } };
  return { start, length: durationOf(value.duration) };
}

function lengthOf(component: Component, start: Wall): Length {
  const end = component.getFirstProperty('dtend');
  if (end !== null) return { kind: 'end', end: wallIn(end) };
  const duration = component.getFirstPropertyValue('duration');
  if (duration !== null) return durationOf(duration);
  return { kind: 'duration', days: start.isDate ? 1 : 0, ms: 0 };
}

function durationOf(value: unknown): Length {
  if (!(value instanceof ICAL.Duration)) throw new CalendarFault('its DURATION is none');
  const { weeks, days, hours, minutes, seconds, isNegative } = value;
  if (isNegative) throw new CalendarFault('its DURATION is negative');
  return { kind: 'duration', days: 7 * weeks + days, ms: ((hours * 60 + minutes) * 60 + seconds) * 1_000 };
}

const rulesOf = (component: Component, name: string): Rule[] =>
  component.getAllProperties(name).map((property) => {
    try {
      const value = property.getFirstValue();
      if (value instanceof ICAL.Recur) return value;
      // The library knows EXRULE, which newer calendars do not have, as text only.
      return ICAL.Recur.fromString(String(value));
    } catch (problem) {
      const which = `its rule (${name.toUpperCase()})`;
      if (/until/i.test(JSON.stringify(property.toJSON())))
        throw new CalendarFault(
          `${which} ends at no time: expected UNTIL as 20280131T080000Z or, for a day, 20280131`,
        );
      throw new CalendarFault(`${which} cannot be read: ${reasonOf(problem)}`);
    }
  });

function replacesOf(component: Component): Pick<Vevent, 'replaces'> | undefined {
  const property = component.getFirstProperty('recurrence-id');
  if (property === null) return undefined;
  const andLater = parameter(property, 'range')?.toUpperCase() === 'THISANDFUTURE';
  return { replaces: { ...wallIn(property), andLater } };
}

/** A guest who may come; rooms and those who declined are none. */
function attendeeOf(property: Property): Vevent['attendees'] {
  const is = (name: string, values: readonly string[]) =>
    values.includes(parameter(property, name)?.toUpperCase() ?? '');
  const isPerson = !is('cutype', ['ROOM', 'RESOURCE']) && !is('role', ['NON-PARTICIPANT']);
  if (!isPerson || is('partstat', ['DECLINED'])) return [];
  const address = /^mailto:(.+)$/is.exec(String(property.getFirstValue()))?.[1];
  const [name, email] = [parameter(property, 'cn'), address].map((text) =>
    text === undefined ? undefined : cleanTo(CHARS_MAX, text),
  );
  return [{ ...(name !== undefined && { name }), ...(email !== undefined && { email }) }];
}
