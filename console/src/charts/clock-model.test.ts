import { expect, test } from 'vitest';
import { HOUR, MINUTE, plus } from '../../../src/core/base/instant.ts';
import type { FixView, StageView } from '../../../src/core/views/fix-view.ts';
import { clockOf } from './clock-model.ts';

const START = '2026-11-21T18:00:00.000Z';
const at = (ms: number): string => plus(START, ms);

const stage = (changes: Partial<StageView>): StageView => ({
  stage: 'assembly',
  state: 'done',
  machineMs: 0,
  peopleMs: 0,
  by: '',
  ...changes,
});

function viewOf(input: { nowMs: number; targetMs: number; stages: StageView[]; coveredMs?: number }) {
  const { nowMs, targetMs, stages, coveredMs } = input;
  const clock = {
    declaredAt: START,
    elapsedMs: nowMs,
    targetMs,
    dueAt: at(targetMs),
    ...(coveredMs === undefined ? {} : { coveredAt: at(coveredMs) }),
  };
  return { at: at(nowMs), clock, stages } as unknown as FixView;
}

test('a stage stands where it began and ended, with the parts of machines and people', () => {
  const half = stage({
    startedAt: START,
    endedAt: at(30 * MINUTE),
    machineMs: 10 * MINUTE,
    peopleMs: 5 * MINUTE,
  });
  const [bar] = clockOf(viewOf({ nowMs: HOUR, targetMs: HOUR, stages: [half] })).bars;
  expect(bar!.from).toBe(0);
  expect(bar!.to).toBeCloseTo(49.02, 1);
  expect(bar!.machineShare).toBeCloseTo(1 / 3);
  expect(bar!.peopleShare).toBeCloseTo(1 / 6);
});

test('a target far away is said to be beyond the edge instead of pressing the bars together', () => {
  const running = stage({ state: 'running', startedAt: START, targetMs: 6 * HOUR });
  const clock = clockOf(viewOf({ nowMs: 2 * MINUTE, targetMs: 24 * HOUR, stages: [running] }));
  expect(clock.due).toBeUndefined();
  expect(clock.bars[0]).toMatchObject({ targetBeyond: true, running: true });
  expect(clock.bars[0]!.to).toBeGreaterThan(90);
});

test('a fix that is covered has no now; retirement and stages not begun are not on the clock', () => {
  const stages = [
    stage({ startedAt: START, endedAt: at(HOUR) }),
    stage({ stage: 'rollout', state: 'waiting' }),
    stage({ stage: 'retirement', startedAt: at(HOUR), endedAt: at(900 * HOUR) }),
  ];
  const clock = clockOf(viewOf({ nowMs: 1_000 * HOUR, targetMs: HOUR, stages, coveredMs: HOUR }));
  expect(clock.now).toBeUndefined();
  expect(clock.bars.map((b) => b.stage)).toEqual(['assembly']);
  expect(clock.due).toBeCloseTo(98, 0);
});

test('every place is on the clock and ticks are few, from a second to a month', () => {
  for (let ms = 1_000; ms < 31 * 24 * HOUR; ms *= 3) {
    const running = stage({ state: 'running', startedAt: START, targetMs: ms / 2 });
    const clock = clockOf(viewOf({ nowMs: ms, targetMs: 2 * ms, stages: [running] }));
    const places = [...clock.ticks.map((t) => t.place), clock.now!, clock.due!, clock.bars[0]!.to];
    for (const place of places) {
      expect(place).toBeGreaterThanOrEqual(0);
      expect(place).toBeLessThanOrEqual(100);
    }
    expect(clock.ticks.length).toBeLessThanOrEqual(14);
  }
});
