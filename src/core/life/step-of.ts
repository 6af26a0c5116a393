import { durationText, earliest, epochMs, type Instant, instantOf, plus, SECOND } from '../base/instant.ts';
import { limitOf } from '../base/limit.ts';
import { FAILED, GOING_BACK, SILENT, STARTING } from '../health/field.ts';
import { type Judged, withoutStratum } from '../health/judge.ts';
import { doesNotFix, type Efficacy, efficacyOf, ripeMs } from '../health/mirror.ts';
import { type Missing, missingEvidence } from '../pace/when.ts';
import { isBlind, type Move, next, openStage, type Rolling, stageAt, without } from '../rollout/next.ts';
import { convergeBy } from '../rollout/observe.ts';
import { ORDER_VALID_MS } from '../rollout/order.ts';
import type { Plan } from '../rollout/plan.ts';
import type { Step, Waiting } from '../rollout/step.ts';
import type { Rollout } from './fix.ts';
import { groundOf, rollingOf } from './rolling.ts';

const OPERATORS = ['operator', 'on-call'];

/**
 * What to do now for a rollout as the ledger has it: the planner's move, with its reasons in words. The same plan,
 * rollout and time give the same step, to the last bit.
 */
export function stepOf(plan: Plan, rollout: Rollout, now: Instant): Step {
  const rolling = rollingOf(plan, rollout);
  const nowMs = epochMs(now);
  const move = next(rolling, nowMs);
  const uids = (of: readonly number[]) => of.map((i) => plan.targets[i]!.uid);
  const pause =
    rollout.paused || rollout.questioned || rollout.endedAt ? undefined : doubt(plan, rollout, nowMs);
  const held: Move = pause === undefined ? move : { ...move, start: [], pass: [], done: false };
  const at: At = { plan, rollout, rolling, move: held, now };
  const wait = pause === undefined ? waits(at) : [];
  const halt = move.halt && { because: haltText(at), ...scopeOf(at) };
  const askAgainAt = askAgain(at, wait);
  return {
    start: uids(held.start),
    rollback: uids(held.rollback),
    wait,
    pass: held.pass.map((stage) => stage + 1),
    ...(halt && { halt }),
    ...(pause !== undefined && { pause }),
    done: held.done,
    because: pause ?? because(at, halt?.because, wait),
    ...(askAgainAt !== undefined && { askAgainAt }),
    counts: held.counts,
    judged: restOf(at),
  };
}

type At = {
  readonly plan: Plan;
  readonly rollout: Rollout;
  readonly rolling: Rolling;
  readonly move: Move;
  readonly now: Instant;
};

/** What stays known after this step: once a stratum is halted, its episodes speak no more against the rest. */
function restOf({ rolling, move }: At): Judged {
  const stratum = move.halt?.stratum;
  const strata = rolling.field.sets.stratum.sizes.length;
  return stratum === undefined ? move.judged : withoutStratum(move.judged, stratum, strata);
}

/** Whether those that the incident broke recover with the fix; undefined while nothing speaks against it. */
function doubt(plan: Plan, rollout: Rollout, nowMs: number): string | undefined {
  const found = efficacyAt(plan, rollout, nowMs);
  if (found === undefined || !doesNotFix(found)) return undefined;
  const { treated, recovered, recoveredWithout } = found;
  return `the fix does not fix: ${recovered} of ${treated} that showed the symptom recovered with it, ${recoveredWithout} without`;
}

/** What the burning control planes say of the fix; undefined where there are none. */
export function efficacyAt(plan: Plan, rollout: Rollout, nowMs: number): Efficacy | undefined {
  const burners = Object.entries(rollout.burners);
  if (burners.length === 0) return undefined;
  const all = burners.map(([uid, { from, recoveredAt }]) => {
    const ranAt = rollout.targets[uid]?.ranAt;
    return {
      fromMs: epochMs(from),
      ...(ranAt !== undefined && { ranAtMs: epochMs(ranAt) }),
      ...(recoveredAt !== undefined && { recoveredAtMs: epochMs(recoveredAt) }),
    };
  });
  return efficacyOf(all, { nowMs, ripeMs: ripeMs(plan.pace), delta: plan.pace.delta });
}

function scopeOf({ plan, move }: At): { readonly stratum?: string } {
  const stratum = move.halt?.stratum;
  return stratum === undefined ? {} : { stratum: groundOf(plan).strata[stratum]! };
}

/** One line: what was seen, of whom, and what it is measured by. */
function haltText({ plan, move, rolling }: At): string {
  const { counts, halt, judged } = move;
  const stratum = scopeOf({ plan, move } as At).stratum;
  const limit = stratum === undefined ? 1 / plan.pace.alpha : groundOf(plan).strata.length / plan.pace.alpha;
  const who = stratum === undefined ? '' : ` in ${stratum}`;
  const told = rolling.sight.toldAtMs.reduce((n, at) => n + (at > 0 ? 1 : 0), 0);
  return `${counts.failed} of ${told} changed broke, ${judged.control.episodes} of ${counts.controls} unchanged: evidence${who} ${figure(halt!.e)} (limit ${figure(limit)})`;
}

function because(at: At, halt: string | undefined, wait: readonly Waiting[]): string {
  const { plan, rollout, move } = at;
  if (rollout.halted || (halt !== undefined && move.halt?.stratum === undefined)) {
    const why = rollout.halted?.because ?? halt;
    return move.done ? `halted (${why}); all are back` : `halted (${why}); ${out(at)} to go back`;
  }
  if (rollout.paused) {
    const { by, reason } = rollout.paused;
    const failed = move.rollback.length > 0 ? `; ${move.rollback.length} go back` : '';
    return `paused by ${by}: ${reason}${failed}`;
  }
  const parts: string[] = [];
  if (halt !== undefined) parts.push(`${scopeOf(at).stratum} halted (${halt})`);
  if (move.pass.length > 0)
    parts.push(`stage ${move.pass.map((s) => plan.stages[s]!.name).join(', ')} passed`);
  if (move.rollback.length > 0) parts.push(backText(at));
  if (move.start.length > 0) parts.push(startText(at));
  if (move.done) parts.push('every stage has passed');
  const reason = wait[0] ? `waiting for ${wait[0].for}` : 'nothing left to start';
  if (move.done && wait.length > 0) parts.push(reason);
  return parts.length > 0 ? parts.join('; ') : reason;
}

/** Those that broke go back by themselves; others because they were told to, or with their stratum. */
function backText({ rolling, move }: At): string {
  const failed = move.rollback.filter((i) => rolling.sight.state[i] === FAILED).length;
  const many = move.rollback.length;
  return failed === many ? `${many} failed and go back` : `${many} go back, ${failed} of them failed`;
}

function startText({ plan, move }: At): string {
  const { counts, start } = move;
  if (counts.oneBox) return `${start.length} start: the one-box and those that burn`;
  const rate = `at most ${percent(counts.rateAtMost)} can fail`;
  return `${start.length} start: ${rate}, ${figure(counts.unknown)} of unknown outcome, budget ${figure(plan.pace.harmBudget)}`;
}

const percent = (share: number): string => `${figure(share * 100)} %`;

/** Two digits below a hundred, whole above. */
export const figure = (value: number): string =>
  value >= 100 ? String(Math.round(value)) : String(Number(value.toPrecision(2)));

const out = ({ rolling }: At): number =>
  rolling.sight.state.reduce((n, s) => n + (s >= STARTING && s <= GOING_BACK ? 1 : 0), 0);

function waits(at: At): Waiting[] {
  const { plan, rollout, move, now } = at;
  const { halted, paused } = rollout;
  if (halted || (move.halt && move.halt.stratum === undefined)) {
    const left = out(at);
    const since = halted?.at ?? now;
    return left === 0 ? [] : [{ for: `rollback: ${left} to go back`, since, whoCan: [] }];
  }
  if (paused) {
    const { by, reason } = paused;
    return [{ for: `resume: paused by ${by} (${reason})`, since: paused.at, whoCan: OPERATORS }];
  }
  if (rollout.endedAt !== undefined) return [];
  const open = openStage(at.rolling.stages, move.pass);
  const stageWaits = open < plan.stages.length ? stageWait(at, open) : [];
  const evidence = move.start.length > 0 ? [] : evidenceWait(at, open);
  return [...stageWaits, ...evidence, ...movingWait(at), ...silentWait(at), ...holds(at, open)];
}

/** What a stage that has run its course still waits for. */
function stageWait({ plan, rolling, now }: At, open: number): Waiting[] {
  const at = stageAt(rolling, open);
  if (!at.settled) return [];
  const { name, soakMs, approval } = plan.stages[open]!;
  const since = at.lastRanAtMs > 0 ? instantOf(at.lastRanAtMs) : plan.at;
  if (isBlind(rolling, open, at))
    return [{ for: `anything to run the image: nothing of ${name} does`, since, whoCan: OPERATORS }];
  if (at.soakedAtMs > epochMs(now)) {
    const text = `soak of ${name}: ${durationText(soakMs)}`;
    return [{ for: text, since, endsAt: instantOf(at.soakedAtMs), whoCan: OPERATORS }];
  }
  return approval ? [{ for: `approval after ${name}`, since, whoCan: OPERATORS }] : [];
}

/** How much evidence the next start still needs, in healthy minutes of control planes. */
function evidenceWait(at: At, open: number): Waiting[] {
  const missing = missingFor(at, open);
  if (missing?.atMs === undefined) return [];
  const minutes = Math.max(1, Math.ceil((missing.atMs - epochMs(at.now)) / 60_000));
  const who = `${missing.gathering} control plane${missing.gathering === 1 ? '' : 's'}`;
  const text = `evidence: ${who} healthy for ${minutes} more min (${missing.gathering * minutes} cluster-minutes)`;
  const since = at.rollout.decided?.at ?? at.rollout.startedAt;
  return [{ for: text, since, endsAt: instantOf(missing.atMs), whoCan: [] }];
}

function missingFor({ rolling, move, plan, now }: At, open: number): Missing | undefined {
  const bad = new Set(rolling.haltedStrata);
  const rest = without(rolling, bad);
  if (open >= plan.stages.length) return undefined;
  return missingEvidence({
    ...rest,
    openStage: open,
    background: move.counts.background,
    nowMs: epochMs(now),
  });
}

function movingWait(at: At): Waiting[] {
  const { sight } = at.rolling;
  const moving = indexesOf(at, (s) => s === STARTING || s === GOING_BACK);
  if (moving.length === 0) return [];
  const since = instantOf(Math.min(...moving.map((i) => sight.sinceMs[i]!)));
  // Starting ends one way or the other; going back takes as long as it takes.
  const ends = moving.every((i) => sight.state[i] === STARTING) && { endsAt: convergeBy(since, at.plan) };
  return [{ for: `${moving.length} on their way`, since, ...ends, whoCan: [] }];
}

function silentWait(at: At): Waiting[] {
  const silent = indexesOf(at, (s) => s === SILENT);
  if (silent.length === 0) return [];
  const since = instantOf(Math.min(...silent.map((i) => at.rolling.sight.sinceMs[i]!)));
  return [{ for: `a report from ${silent.length} silent`, since, whoCan: OPERATORS }];
}

function indexesOf({ rolling }: At, is: (state: number) => boolean): number[] {
  const found: number[] = [];
  for (let i = 0; i < rolling.field.targets; i += 1) if (is(rolling.sight.state[i]!)) found.push(i);
  return found;
}

function holds({ plan, rollout }: At, open: number): Waiting[] {
  const groups = new Map<string, number>();
  for (const t of plan.targets) {
    const hold = t.stage <= open + 1 ? rollout.others[t.uid]?.hold : undefined;
    if (hold !== undefined) groups.set(hold, (groups.get(hold) ?? 0) + 1);
  }
  return [...groups]
    .sort(([a, m], [b, n]) => n - m || (a < b ? -1 : 1))
    .map(([hold, held]) => ({ for: `${held} held: ${hold}`, since: plan.at, whoCan: OPERATORS }));
}

/** The controller's own step: evidence is weighed at least so often while there is any to come. */
export const STEP_MS = 15 * SECOND;

/** When time alone can change the answer. */
function askAgain(at: At, wait: readonly Waiting[]): Instant | undefined {
  const { plan, now, move } = at;
  const ahead = wait.map((w) => w.endsAt).filter((end) => end !== undefined && end > now);
  const soonest = plus(now, STEP_MS);
  const next = earliest(
    ...ahead.map((end) => (end! < soonest ? soonest : end!)),
    ...deadlines(at),
    ...(holds(at, plan.stages.length).length > 0 ? [lookAgain(plan, now)] : []),
  );
  return move.start.length > 0 || move.pass.length > 0 ? earliest(next, soonest) : next;
}

/** When to look again at what no deadline of its own ends: half of what makes an agent silent, at least a second. */
export const lookAgain = (plan: Plan, now: Instant): Instant =>
  plus(now, Math.max(SECOND, Math.floor(limitOf(plan.limits.silentAfterMs, 0) / 2)));

/** When those on their way have had long enough: to converge, or to be back. */
function deadlines(at: At): Instant[] {
  const { sight } = at.rolling;
  const ends = new Set<Instant>();
  for (const i of indexesOf(at, (s) => s === STARTING || s === GOING_BACK)) {
    const since = instantOf(sight.sinceMs[i]!);
    ends.add(convergeBy(since, at.plan));
    if (sight.state[i] === GOING_BACK) ends.add(plus(since, ORDER_VALID_MS));
  }
  return [...ends].filter((end) => end > at.now);
}
