import type { Laws } from './laws.ts';
import type { ModelFleet } from './model-fleet.ts';
import { ModelRun } from './model-run.ts';
import type { Outcome } from './outcome.ts';
import { NOTHING, type PacingRule, type RuleStep, UNDO_AT_ONCE } from './pacing-rule.ts';
import { Undoing } from './undoing.ts';

/** One run: a fleet, how it behaves, a fresh rule, a whole number as seed, and when to stop looking. */
export type Simulation = {
  readonly fleet: ModelFleet;
  readonly laws: Laws;
  readonly rule: PacingRule;
  readonly seed: number;
  readonly untilMin: number;
};

/**
 * Plays one rollout under a rule. The same arguments and a fresh rule give the same outcome.
 *
 * In a tick first what is due happens, then people look, then the rule is asked and obeyed. It ends when the rule is
 * done or a halt is undone and nothing more is on its way, or at `untilMin`. Throws RangeError when the rule
 * starts what was started, or takes back what it must not.
 */
export function simulate({ fleet, laws, rule, seed, untilMin }: Simulation): Outcome {
  const ticks = Math.floor(untilMin / laws.stepMin) + 1;
  const run = new ModelRun({ fleet, laws, seed, ticks });
  const reached = new Reached(fleet.size);
  const people = new People(laws.people);
  let halt: Halt | undefined;
  for (let tick = 0; tick < ticks; tick += 1) {
    const minute = tick * laws.stepMin;
    run.pass(tick);
    reached.note(run.everRan, minute);
    let step = NOTHING;
    if (!halt && people.halt(run.brokenSeen, minute)) halt = haltOf('people', run, rule, minute);
    if (!halt) {
      step = rule.step(run.view, minute);
      carryOut(run, step);
      if (step.halted === true) halt = haltOf('rule', run, rule, minute);
    }
    halt?.undoing.step(minute);
    if (halt ? halt.undoing.over : step.done === true && isQuiet(run) && !people.alarmed) break;
  }
  return {
    ...reached.times,
    ...(halt && { haltedBy: halt.by, haltedAtMin: halt.atMin }),
    started: run.told,
    broken: run.broken,
    brokenBurning: run.brokenBurning,
    brokenHours: run.brokenHours(untilMin),
    burnHours: run.burnHours(untilMin),
  };
}

type Halt = { readonly by: 'rule' | 'people'; readonly atMin: number; readonly undoing: Undoing };

const haltOf = (by: Halt['by'], run: ModelRun, rule: PacingRule, minute: number): Halt => ({
  by,
  atMin: minute,
  undoing: new Undoing(run, rule.undo ?? UNDO_AT_ONCE, minute),
});

function carryOut(run: ModelRun, { start, rollback }: RuleStep): void {
  for (const index of rollback) run.takeBack(index);
  for (const index of start) run.tell(index);
}

/** Nothing is on its way, nobody is about to recover, and what broke is back. */
const isQuiet = (run: ModelRun): boolean =>
  run.moving === 0 && run.curing === 0 && run.broken === run.repaired;

/** Notes when shares of the fleet had come to run the fix. */
class Reached {
  readonly times: { t50Min?: number; t95Min?: number; t100Min?: number } = {};
  readonly #at: readonly (readonly ['t50Min' | 't95Min' | 't100Min', number])[];

  constructor(size: number) {
    this.#at = [
      ['t50Min', Math.ceil(size / 2)],
      ['t95Min', Math.ceil(size * 0.95)],
      ['t100Min', size],
    ];
  }

  note(everRan: number, minute: number): void {
    for (const [name, count] of this.#at) {
      if (everRan >= count) this.times[name] ??= minute;
    }
  }
}

/** People see the broken, and some time after there are too many they halt. */
class People {
  readonly #law: Laws['people'];
  #sawMin: number | undefined;

  constructor(law: Laws['people']) {
    this.#law = law;
  }

  get alarmed(): boolean {
    return this.#sawMin !== undefined;
  }

  halt(brokenSeen: number, minute: number): boolean {
    if (brokenSeen >= this.#law.brokenSeen) this.#sawMin ??= minute;
    return this.#sawMin !== undefined && minute >= this.#sawMin + this.#law.haltAfterMin;
  }
}
