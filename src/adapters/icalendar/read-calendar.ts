import ICAL from 'ical.js';
import { DAY, epochMs, instantOf } from '../../core/base/instant.ts';
import { fail, ok, type Result } from '../../core/base/result.ts';
import type { CalendarEvent } from '../../core/roster/person.ts';
import type { Span } from '../../core/roster/span.ts';
import { type Clocks, clocksOf, type ZonesAsked } from './clocks.ts';
import { type Budget, budgetOf, CalendarFault } from './fault.ts';
import { occurrences } from './occurrences.ts';
import { readVevent, reasonOf, type Vevent } from './vevent.ts';

/** What a calendar is read for. */
export type Asked = ZonesAsked & { readonly span: Span };

export type ReadCalendar = {
  readonly events: readonly CalendarEvent[];
  readonly warnings: readonly string[];
};

/** Limits of one calendar; a message names the one that was met. */
export const LIMITS = {
  components: 50_000,
  /** Steps through repetitions, of all series and time zones together. */
  steps: 200_000,
  /** Events in the time asked for. */
  events: 20_000,
  warnings: 10,
} as const;

/**
 * The events of a calendar in a time, in no promised order: repetitions unrolled, changed and cancelled ones as they
 * became. The error is one line. Runs as long as the file makes it; limits of time and memory are the caller's.
 */
export function readCalendar(bytes: Uint8Array, asked: Asked): Result<ReadCalendar, string> {
  try {
    const warnings = new Set<string>();
    const budget = budgetOf(LIMITS.steps);
    const calendars = parse(unfolded(bytes, warnings));
    const events = calendars.flatMap((calendar) => eventsOf(calendar, { asked, budget, warnings }));
    if (events.length > LIMITS.events)
      throw new CalendarFault(
        `it has ${events.length} events in the time asked for: expected at most ${LIMITS.events}`,
      );
    return ok({ events, warnings: told(warnings) });
  } catch (problem) {
    if (problem instanceof CalendarFault) return fail(problem.message);
    return fail(`it cannot be understood: ${reasonOf(problem)}`);
  }
}

function told(warnings: ReadonlySet<string>): string[] {
  const sorted = [...warnings].sort();
  const more = sorted.length - LIMITS.warnings;
  return more > 0 ? [...sorted.slice(0, LIMITS.warnings), `and ${more} more warnings`] : sorted;
}

/** Lines are put together before bytes become characters: a line may be broken inside one. */
function unfolded(bytes: Uint8Array, warnings: Set<string>): string {
  const joined = Buffer.from(bytes)
    .toString('latin1')
    .replace(/\r?\n[ \t]/g, '');
  const whole = Buffer.from(joined, 'latin1');
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(whole);
  } catch {
    warnings.add('it is not UTF-8; what is not is shown as �');
    return new TextDecoder('utf-8').decode(whole);
  }
}

type Component = InstanceType<typeof ICAL.Component>;

function parse(text: string): Component[] {
  if (!/^\s*BEGIN:VCALENDAR/i.test(text))
    throw new CalendarFault('it is no calendar: expected BEGIN:VCALENDAR at the beginning');
  let components = 0;
  for (const _ of text.matchAll(/^BEGIN:/gim)) {
    components += 1;
    if (components > LIMITS.components)
      throw new CalendarFault(`it has more than ${LIMITS.components} components`);
  }
  const parsed = ICAL.parse(text) as unknown[];
  const all = typeof parsed[0] === 'string' ? [parsed] : (parsed as unknown[][]);
  return all.map((one) => new ICAL.Component(one)).filter(({ name }) => name === 'vcalendar');
}

function eventsOf(
  calendar: Component,
  of: { readonly asked: Asked; readonly budget: Budget; readonly warnings: Set<string> },
): CalendarEvent[] {
  if (String(calendar.getFirstPropertyValue('method') ?? '').toUpperCase() === 'CANCEL') return [];
  const { span } = of.asked;
  const clocks = clocksOf(calendar, { ...of, toMs: epochMs(span.to) + 366 * DAY });
  const read = calendar.getAllSubcomponents('vevent').map((component) => readVevent(component));
  const window = { fromMs: epochMs(span.from), toMs: epochMs(span.to) };
  return [...Map.groupBy(read, ({ uid }) => uid).values()].flatMap((series) =>
    occurrencesOf(series, { window, clocks, budget: of.budget, warnings: of.warnings }).map(
      ({ fromMs, toMs, event: { summary, attendees } }) => ({
        from: instantOf(fromMs),
        to: instantOf(toMs),
        summary,
        attendees,
      }),
    ),
  );
}

function occurrencesOf(
  series: readonly Vevent[],
  of: {
    readonly window: { readonly fromMs: number; readonly toMs: number };
    readonly clocks: Clocks;
    readonly budget: Budget;
    readonly warnings: Set<string>;
  },
) {
  const name = series[0]!.summary.slice(0, 80) || series[0]!.uid.slice(0, 80);
  try {
    const { kept, backwards } = occurrences(series, { ...of, what: `event "${name}"` });
    if (backwards > 0) of.warnings.add(`event "${name}" ends when it begins or before; left out`);
    return kept;
  } catch (problem) {
    const said = reasonOf(problem);
    throw new CalendarFault(said.startsWith('event "') ? said : `event "${name}": ${said}`);
  }
}
