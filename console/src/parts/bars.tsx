import type { ClockView, CoverageView } from '../../../src/core/views/fix-view.ts';

const share = (part: number, whole: number): number => (whole === 0 ? 0 : (100 * part) / whole);

/** Patched, excluded and unknown of what is exposed. A picture of numbers that stand beside it as text. */
export function CoverageBar({ coverage }: { coverage: CoverageView }) {
  const { exposed, patched, unknown, excluded } = coverage;
  return (
    <div className="ff-bar" aria-hidden>
      <span className="ff-bar-patched" style={{ inlineSize: `${share(patched, exposed)}%` }} />
      <span className="ff-bar-excluded" style={{ inlineSize: `${share(excluded, exposed)}%` }} />
      <span className="ff-bar-unknown" style={{ inlineSize: `${share(unknown, exposed)}%` }} />
    </div>
  );
}

/** Time used of the target; the tick is the target. */
export function ClockBar({ clock }: { clock: Pick<ClockView, 'elapsedMs' | 'targetMs'> }) {
  const whole = Math.max(clock.elapsedMs, clock.targetMs) * 1.05;
  const late = clock.elapsedMs > clock.targetMs;
  return (
    <div className="ff-bar" aria-hidden>
      <span
        className={late ? 'ff-bar-late' : 'ff-bar-used'}
        style={{ inlineSize: `${share(clock.elapsedMs, whole)}%` }}
      />
      <i className="ff-bar-tick" style={{ insetInlineStart: `${share(clock.targetMs, whole)}%` }} />
    </div>
  );
}
