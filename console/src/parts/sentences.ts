import { type Instant, msBetween } from '../../../src/core/base/instant.ts';
import type { ClockView, CoverageView } from '../../../src/core/views/fix-view.ts';
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

/** `on track: covered about 22:35Z, 1h19m early`, or how late, or that nothing can be said. */
export function forecastLine(clock: ClockView, at: Instant): { text: string; late: boolean } {
  const end = clock.coveredAt ?? clock.expectedAt;
  const late = end === undefined ? at > clock.dueAt : end > clock.dueAt;
  if (end === undefined) {
    const text = late ? 'past the target; the end cannot be foretold yet' : 'the end cannot be foretold yet';
    return { text, late };
  }
  const margin = durationText(Math.abs(msBetween(end, clock.dueAt)));
  const what =
    clock.coveredAt === undefined ? `covered about ${clockText(end, at)}` : `covered ${clockText(end, at)}`;
  return { text: `${late ? 'late' : 'on track'}: ${what}, ${margin} ${late ? 'late' : 'early'}`, late };
}
