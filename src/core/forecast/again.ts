import { MINUTE } from '../base/instant.ts';
import { BACK, CONTROL, type Field, GOING_BACK, HELD, STARTING, WAITING } from '../health/field.ts';
import type { Pace } from '../pace/pace.ts';
import { createPacer, type Pacer } from '../rollout/pacer.ts';
import { drawOf, keyOf } from './random.ts';

/** What a record says of one control plane; undefined where it was never started. */
export type Happened = {
  /** Minutes from told to running; undefined when it never came to. */
  readonly applyMin?: number;
  /** Minutes from running to broken; undefined when it did not break. */
  readonly brokeAfterMin?: number;
};

/** What came of a rollout, recorded or played: minutes from its start. */
export type Course = {
  readonly started: number;
  readonly broken: number;
  readonly halted: boolean;
  readonly t50Min?: number;
  readonly t95Min?: number;
  readonly t100Min?: number;
};

export type Again = {
  readonly field: Field;
  readonly pace: Pace;
  /** By target. */
  readonly happened: readonly (Happened | undefined)[];
  readonly burning: Uint8Array;
  /** Bad episodes an hour and control plane among those that were only compared with. */
  readonly noisePerHour: number;
  readonly convergeWithinMin: number;
  readonly seed: number;
};

const BEGAN_MIN = 60;
const UNTIL_MIN = 10 * 24 * 60;
const EPISODE_MIN = 10;
const BACK_MIN = 5;

/**
 * Plays a recorded rollout under another pace. A control plane that the record holds does what it did: it takes as long,
 * and breaks as long after. One that was never started does what another did, drawn at random. Yields the minute.
 */
export function* again(it: Again): Generator<number, Course, void> {
  const { field } = it;
  const pacer = createPacer({
    field,
    pace: it.pace,
    burning: it.burning,
    beganMs: BEGAN_MIN * MINUTE,
    convergeWithinMs: it.convergeWithinMin * MINUTE,
  });
  const fates = fatesOf(it);
  const due = new Map<number, (() => void)[]>();
  const at = (minute: number, what: () => void): void => {
    const list = due.get(minute);
    if (list) list.push(what);
    else due.set(minute, [what]);
  };
  const course = { started: 0, broken: 0, halted: false };
  const ran = new Uint8Array(field.targets);
  const times: { t50Min?: number; t95Min?: number; t100Min?: number } = {};
  let running = 0;
  for (let minute = BEGAN_MIN; minute < BEGAN_MIN + UNTIL_MIN; minute += 1) {
    for (const what of due.get(minute) ?? []) what();
    due.delete(minute);
    makeNoise(it, pacer, minute, at);
    const move = pacer.step(minute * MINUTE);
    for (const i of move.start) tell(i, minute);
    for (const i of move.rollback)
      at(minute + BACK_MIN, () => pacer.see(i, 'back', (minute + BACK_MIN) * MINUTE));
    if (move.halt && move.halt.stratum === undefined) course.halted = true;
    note(minute - BEGAN_MIN);
    if (move.done || (due.size === 0 && move.start.length === 0 && isStill(pacer, field))) break;
    yield minute - BEGAN_MIN;
  }
  return { ...course, ...times };

  function tell(i: number, minute: number): void {
    const { applyMin, brokeAfterMin } = fates[i]!;
    course.started += 1;
    if (applyMin === undefined) {
      at(minute + it.convergeWithinMin, () =>
        pacer.see(i, 'failed', (minute + it.convergeWithinMin) * MINUTE),
      );
      return;
    }
    const runs = minute + Math.max(1, Math.round(applyMin));
    at(runs, () => {
      if (pacer.sight.state[i] !== STARTING) return;
      pacer.see(i, 'running', runs * MINUTE);
      running += ran[i] === 0 ? 1 : 0;
      ran[i] = 1;
      if (brokeAfterMin !== undefined) breakLater(i, runs + Math.max(0, Math.round(brokeAfterMin)));
    });
  }

  function breakLater(i: number, minute: number): void {
    at(minute, () => {
      const state = pacer.sight.state[i]!;
      if (state === BACK || state === GOING_BACK) return;
      course.broken += 1;
      pacer.see(i, 'unhealthy', minute * MINUTE);
    });
  }

  function note(minute: number): void {
    if (running >= field.targets / 2) times.t50Min ??= minute;
    if (running >= field.targets * 0.95) times.t95Min ??= minute;
    if (running >= field.targets) times.t100Min ??= minute;
  }
}

/** Nothing waits and nothing moves: time alone changes no more. */
function isStill({ sight }: Pacer, field: Field): boolean {
  for (let i = 0; i < field.targets; i += 1) {
    const state = sight.state[i]!;
    if (state === WAITING || state === HELD || state === STARTING || state === GOING_BACK) return false;
  }
  return true;
}

/** Who was never started does what one of the others did. */
function fatesOf({ happened, seed }: Again): Happened[] {
  const known = happened.filter((h) => h !== undefined);
  const key = keyOf(seed, FATE);
  const usual: Happened = { applyMin: 6 };
  return happened.map((h, i) => h ?? known[Math.floor(drawOf(key, i) * known.length)] ?? usual);
}

const FATE = 501;
const NOISE = 502;

/** Bad episodes of those without the image, as often as the record had them. */
function makeNoise(
  it: Again,
  pacer: Pacer,
  minute: number,
  at: (minute: number, what: () => void) => void,
): void {
  const key = keyOf(it.seed, NOISE + minute);
  const share = it.noisePerHour / 60;
  if (share <= 0) return;
  for (let i = 0; i < it.field.size; i += 1) {
    const state = pacer.sight.state[i]!;
    if ((state !== WAITING && state !== CONTROL) || drawOf(key, i) >= share) continue;
    pacer.see(i, 'unhealthy', minute * MINUTE);
    at(minute + EPISODE_MIN, () => pacer.see(i, 'healthy', (minute + EPISODE_MIN) * MINUTE));
  }
}
