import { DAY, epochMs, HOUR, type Instant, MINUTE, type Ms } from '../../../src/core/base/instant.ts';
import type { FixView, StageView } from '../../../src/core/views/fix-view.ts';

/** Places on the clock, in percent of its width. A target beyond the edge has `beyond`. */
export type StageBar = {
  readonly stage: StageView['stage'];
  readonly from: number;
  readonly to: number;
  /** Shares of the bar in which machines worked and in which a person was awaited, 0–1; in the rest nobody was. */
  readonly machineShare: number;
  readonly peopleShare: number;
  readonly running: boolean;
  readonly target?: number;
  readonly targetBeyond: boolean;
};
export type ClockModel = {
  readonly bars: readonly StageBar[];
  readonly ticks: readonly { readonly place: number; readonly at: Instant }[];
  readonly now?: number;
  readonly due?: number;
  readonly expected?: number;
};

/** Retirement follows days after coverage; it stands in the table, not on the clock. */
const drawn = (view: FixView): readonly StageView[] =>
  view.stages.filter((s) => s.stage !== 'retirement' && s.startedAt !== undefined);

const STEPS: readonly Ms[] = [
  1_000,
  5_000,
  15_000,
  30_000,
  MINUTE,
  5 * MINUTE,
  15 * MINUTE,
  30 * MINUTE,
  HOUR,
  2 * HOUR,
  3 * HOUR,
  6 * HOUR,
  12 * HOUR,
  DAY,
  7 * DAY,
];
const TICKS_MAX = 7;

/** From the declaration to whatever is later: now, the last end, the expected end, a target not far off. */
function spanOf(view: FixView): { readonly startMs: number; readonly endMs: number } {
  const startMs = epochMs(view.clock.declaredAt);
  const covered = view.clock.coveredAt;
  const ends = drawn(view).flatMap((s) => (s.endedAt === undefined ? [] : [epochMs(s.endedAt)]));
  const seen = Math.max(startMs + 1_000, epochMs(covered ?? view.at), ...ends);
  const expected = covered === undefined ? epochMs(view.clock.expectedAt ?? view.at) : seen;
  const known = Math.max(seen, expected);
  const dueMs = epochMs(view.clock.dueAt);
  // A target many times further away would press everything that happened into the left edge.
  const endMs = dueMs - startMs <= 3 * (known - startMs) ? Math.max(known, dueMs) : known;
  return { startMs, endMs: endMs + (endMs - startMs) * 0.02 };
}

function ticksOf(startMs: number, endMs: number): number[] {
  const step = STEPS.find((s) => (endMs - startMs) / s <= TICKS_MAX) ?? STEPS.at(-1)!;
  const first = Math.ceil(startMs / step) * step;
  const count = Math.max(0, Math.floor((endMs - first) / step) + 1);
  return Array.from({ length: Math.min(count, 2 * TICKS_MAX) }, (_, i) => first + i * step);
}

/** Where the bars, targets and lines of a fix's clock stand. */
export function clockOf(view: FixView): ClockModel {
  const { startMs, endMs } = spanOf(view);
  const place = (ms: number): number => Math.round(((ms - startMs) / (endMs - startMs)) * 10_000) / 100;
  const inside = (at: Instant | undefined): number | undefined =>
    at === undefined || epochMs(at) > endMs ? undefined : place(epochMs(at));
  const bars = drawn(view).map((s): StageBar => {
    const from = epochMs(s.startedAt!);
    const targetMs = s.targetMs === undefined ? undefined : from + s.targetMs;
    const spanMs = Math.max(1, epochMs(s.endedAt ?? view.at) - from, s.machineMs + s.peopleMs);
    return {
      stage: s.stage,
      from: place(from),
      to: place(epochMs(s.endedAt ?? view.at)),
      machineShare: s.machineMs / spanMs,
      peopleShare: s.peopleMs / spanMs,
      running: s.endedAt === undefined,
      ...(targetMs !== undefined && targetMs <= endMs ? { target: place(targetMs) } : {}),
      targetBeyond: targetMs !== undefined && targetMs > endMs,
    };
  });
  const now = view.clock.coveredAt === undefined ? inside(view.at) : undefined;
  const due = inside(view.clock.dueAt);
  const expected = view.clock.coveredAt === undefined ? inside(view.clock.expectedAt) : undefined;
  return {
    bars,
    ticks: ticksOf(startMs, endMs).map((ms) => ({ place: place(ms), at: new Date(ms).toISOString() })),
    ...(now === undefined ? {} : { now }),
    ...(due === undefined ? {} : { due }),
    ...(expected === undefined ? {} : { expected }),
  };
}
