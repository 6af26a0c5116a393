import { durationText, epochMs, type Instant, instantOf, MINUTE } from '../base/instant.ts';
import type { Fix } from '../life/fix.ts';
import { oneBoxSize } from '../pace/choose.ts';
import type { ObservedTarget, TargetState } from '../rollout/observed.ts';
import type { RolloutRow } from './fix-view.ts';
import type { Looked } from './looked.ts';

/** The name of the row of those started before any other. */
export const ONE_BOX = 'one-box';
/** The name of the row of those that showed the symptom when they were told. */
export const BURNING = 'burning';

/**
 * One row for those that burned, one for the one-box, then one for every stage, with counts that add up to the plan's
 * targets. A stage is there even when all of it is in the rows before: people wait for it by its name.
 */
export function rolloutRows(fix: Fix, looked: Looked, now: Instant): RolloutRow[] {
  const groups = new Map<string, ObservedTarget[]>();
  const stageOf = new Map(looked.plan.targets.map((t) => [t.uid, t.stage]));
  for (const t of looked.observed) {
    const row = rowOf(fix, looked, t.uid, stageOf.get(t.uid)!);
    const group = groups.get(row);
    if (group) group.push(t);
    else groups.set(row, [t]);
  }
  const first = [BURNING, ONE_BOX].filter((name) => groups.has(name));
  const stages = looked.plan.stages.map((s) => s.name);
  return [...first, ...stages].map((name) => {
    const mine = groups.get(name) ?? [];
    const count = (...states: TargetState[]) => mine.filter((t) => states.includes(t.state)).length;
    const held = mine.filter((t) => t.state === 'waiting' && t.hold !== undefined).length;
    const { state, since } = rowState(fix, looked, name, mine, now);
    return {
      name,
      targets: mine.length,
      done: count('patched'),
      failed: mine.filter((t) => t.broke || t.state === 'failed').length,
      unknown: count('silent'),
      inFlight: count('starting', 'rolling back'),
      rolledBack: count('rolled back'),
      ...(held > 0 && { held }),
      state,
      ...(since !== undefined && { since }),
    };
  });
}

/** Which row a target of the plan is in. */
export function rowOf(fix: Fix, looked: Pick<Looked, 'plan'>, uid: string, stage: number): string {
  const told = fix.rollout?.targets[uid];
  if (told?.burned) return BURNING;
  return told?.oneBox ? ONE_BOX : looked.plan.stages[stage - 1]!.name;
}

type RowState = { readonly state: string; readonly since?: Instant };

function rowState(
  fix: Fix,
  looked: Looked,
  name: string,
  mine: readonly ObservedTarget[],
  now: Instant,
): RowState {
  const rollout = fix.rollout!;
  const told = mine.flatMap((t) => rollout.targets[t.uid]?.toldAt ?? []);
  if (rollout.halted && told.length > 0) {
    const back = rollout.endedAt !== undefined;
    return { state: back ? 'rolled back' : 'halted', since: rollout.endedAt ?? rollout.halted.at };
  }
  const stage = looked.plan.stages.findIndex((s) => s.name === name) + 1;
  const passed = rollout.passed.find((p) => p.stage === stage);
  if (passed) return { state: 'passed', since: passed.at };
  const first = told.reduce<Instant | undefined>((a, b) => (a === undefined || b < a ? b : a), undefined);
  if (name === ONE_BOX && !looked.step.counts.oneBox) return { state: 'passed', since: first! };
  if (rollout.paused && told.length > 0) return { state: 'paused', since: rollout.paused.at };
  if (name === ONE_BOX) return { state: oneBoxState(looked), since: first! };
  if (stage === looked.open + 1) {
    if (looked.soaksUntilMs !== undefined) return soakState(looked, now);
    if (awaitsApproval(fix, looked)) return { state: 'waiting for approval', since: soakedAt(looked, first) };
  }
  if (first === undefined) return { state: 'waiting' };
  if (name === BURNING)
    return {
      state: mine.every((t) => rollout.targets[t.uid]?.ranAt !== undefined) ? 'passed' : 'rolling',
      since: first,
    };
  return { state: 'rolling', since: first };
}

/** Rounded down: what is not there yet is not shown. */
const tenths = (value: number): string => String(Math.floor(value * 10) / 10);

function oneBoxState({ plan, step, rolling }: Looked): string {
  const needed = oneBoxSize(plan.pace, rolling.field) / 2;
  return `evidence ${tenths(step.counts.seen)}/${tenths(needed)}`;
}

/** The open stage has run its course, and the next waits for a person's word. */
const awaitsApproval = ({ rollout }: Fix, { plan, open, at }: Looked): boolean =>
  at?.settled === true && plan.stages[open]!.approval && !rollout!.advanced.includes(open + 1);

const soakedAt = ({ at, plan }: Looked, first: Instant | undefined): Instant =>
  at!.soakedAtMs > 0 ? instantOf(at!.soakedAtMs) : (first ?? plan.at);

function soakState({ plan, open, at, soaksUntilMs }: Looked, now: Instant): RowState {
  const { soakMs } = plan.stages[open]!;
  const past = Math.max(0, soakMs - (soaksUntilMs! - epochMs(now)));
  return {
    state: `soaking ${Math.floor(past / MINUTE)}/${Math.floor(soakMs / MINUTE)}m`,
    since: instantOf(at!.lastRanAtMs),
  };
}

/** Where the rollout is, in a few words; empty where there is but one stage and the one-box is through. */
export function whereText({ plan, open, step, soaksUntilMs, rolling }: Looked, now: Instant): string {
  const stage = plan.stages[open];
  // Those that were held when the last stage passed may still come.
  const where =
    stage !== undefined && plan.stages.length > 1
      ? `stage ${stage.name} (${open + 1} of ${plan.stages.length})`
      : '';
  if (step.counts.oneBox)
    return [`one-box of ${oneBoxSize(plan.pace, rolling.field)}`, where].filter(Boolean).join(', ');
  if (soaksUntilMs !== undefined)
    return `${where || stage!.name}, soaking for ${durationText(soaksUntilMs - epochMs(now))} more`;
  return where;
}
