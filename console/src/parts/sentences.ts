import { type Instant, msBetween } from '../../../src/core/base/instant.ts';
import type { State } from '../../../src/core/life/fix.ts';
import type { ClockView, CoverageView } from '../../../src/core/views/fix-view.ts';
import { whoElse } from '../../../src/core/views/who-can.ts';
import { clockText, countText, durationText } from '../words.ts';

/** `212 of 665 exposed control planes patched (32%)`. */
export function coverageText(c: CoverageView): string {
  if (c.exposed === 0) return 'no control plane is exposed';
  return `${c.patched.toLocaleString('en')} of ${countText(c.exposed, 'exposed control plane')} patched (${c.percent}%)`;
}

/** `2h56m since declared, target 6h (23:54Z)`. */
export function clockLine(clock: ClockView, at: Instant): string {
  const used = durationText(clock.elapsedMs);
  const target = `target ${durationText(clock.targetMs)} (${clockText(clock.dueAt, at)})`;
  return clock.coveredAt === undefined
    ? `${used} since declared, ${target}`
    : `covered in ${used}, ${target}`;
}

/** Ends a text as a sentence, and names who can where the hub said so and the text does not. */
export function reasonText(because: string, whoCan: readonly string[]): string {
  const reason = /[.!?]$/.test(because) || because === '' ? because : `${because}.`;
  const who = whoElse(because, whoCan);
  return who.length === 0 ? reason : `${reason} Who can: ${who.join(', ')}.`;
}

/** What would keep the next thing from happening; some views say it as a sentence of its own. */
export const unlessText = (unless: string): string =>
  unless === '' || /^(nothing|unless|only)\b/.test(unless) ? unless : `unless ${unless}`;

type Forecast = {
  readonly clock: ClockView;
  readonly at: Instant;
  readonly state: State;
  readonly paused: boolean;
  readonly halted: boolean;
};

/** `on track: covered about 22:35Z, 1h19m early`, or why nothing can be said; the words of `fleetfix status`. */
export function forecastLine(view: Forecast): { readonly text: string; readonly late: boolean } {
  const { clock, at } = view;
  const end = clock.coveredAt ?? clock.expectedAt;
  const stopped = view.state === 'closed' || view.state === 'withdrawn';
  if (clock.coveredAt === undefined && stopped) return { text: 'stopped', late: false };
  if (end === undefined) return noForecast(view);
  const late = end > clock.dueAt;
  const margin = `${durationText(Math.abs(msBetween(end, clock.dueAt)))} ${late ? 'late' : 'early'}`;
  if (clock.coveredAt !== undefined) return { text: `covered at ${clockText(end, at)}, ${margin}`, late };
  return { text: `${late ? 'behind' : 'on track'}: covered about ${clockText(end, at)}, ${margin}`, late };
}

function noForecast({ clock, at, halted, paused }: Forecast): { text: string; late: boolean } {
  if (at > clock.dueAt)
    return { text: `over the target by ${durationText(msBetween(clock.dueAt, at))}`, late: true };
  if (halted) return { text: 'not by this plan: it was halted', late: false };
  if (paused) return { text: 'nothing is expected while it is paused', late: false };
  return { text: 'too early to say when it will be covered', late: false };
}
