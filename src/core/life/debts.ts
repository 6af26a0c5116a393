import { epochMs, type Instant, instantOf } from '../base/instant.ts';
import { type GateStanding, type GateState, type LateGate, standing } from '../proof/proof.ts';
import { linesInUse, outOf } from './evolve.ts';
import type { Facts } from './facts.ts';
import { type Fix, type FixLine, isOver } from './fix.ts';
import { gatesOf, type LaneStanding, laneGates } from './readiness.ts';

/**
 * A gate that delivery did not wait for, on an image that was delivered: it may follow by the policy, or it was waived until
 * `dueAt`. It is paid by passing, and forgiven by a waiver.
 */
export type Debt = {
  readonly gate: string;
  readonly line: string;
  /** A role, or the name of who waived it. */
  readonly owner: string;
  /** When it failed, or when it began to be owed. */
  readonly since: Instant;
  readonly owedFrom: Instant;
  readonly dueAt: Instant;
  readonly state: Exclude<GateState, 'met'>;
  readonly because: string;
};

/** When the fix was first started on a control plane; undefined before. */
export const deliveredAt = ({ earlier = [], rollout }: Fix): Instant | undefined =>
  earlier[0]?.startedAt ?? rollout?.startedAt;

/**
 * What is still owed for the images that run, the most urgent first. None before delivery, when a gate that is open blocks, and
 * none once nothing of the fix runs any more. What was to follow the delivery stays owed as it was at its start: a change of the
 * configuration pays nothing.
 */
export function debtsOf(fix: Fix, facts: Pick<Facts, 'component' | 'policy'>, now: Instant): Debt[] {
  const since = deliveredAt(fix);
  if (since === undefined || isOver(fix.state) || isTakenBack(fix)) return [];
  const { component } = facts;
  const after = lateGates(fix, facts);
  return linesInUse(fix)
    .flatMap((line) => standings(fix, line, facts, now))
    .flatMap(({ gate, line, state, because, until }): Debt[] => {
      const late = after.find((one) => one.gate === gate);
      if (state === 'met') return [];
      const about = { gate, line, state, because };
      if (late !== undefined) {
        // A waiver of what may follow anyway is a word that it need not.
        if (state === 'waived') return [];
        const owner = late.owner ?? component.gates.find((g) => g.name === gate)?.attestBy ?? 'engineer';
        const dueAt = instantOf(epochMs(since) + late.withinMs);
        return [{ ...about, since: foundAt(fix, about) ?? since, owedFrom: since, owner, dueAt }];
      }
      const waiver = fix.waivers.findLast((w) => w.gate === gate);
      const dueAt = until ?? waiver?.expiresAt;
      return waiver === undefined || dueAt === undefined
        ? []
        : [{ ...about, since: waiver.at, owedFrom: waiver.at, owner: waiver.by, dueAt }];
    })
    .sort((a, b) => (a.dueAt < b.dueAt ? -1 : a.dueAt > b.dueAt ? 1 : 0));
}

/**
 * What a start now does not wait for: what is owed already on its terms, and what the policy names besides. A fix that went back
 * owes nothing of what was.
 */
export function owedFrom(fix: Fix, policy: Facts['policy']): LateGate[] {
  const before = isTakenBack(fix) ? [] : (fix.owes ?? []);
  const known = new Set(before.map(({ gate }) => gate));
  const named = policy.severities[fix.severity].lane.after;
  return [...before, ...named.filter(({ gate }) => !known.has(gate))];
}

/** As they were at the start; a ledger from before that was noted goes by the policy. */
const lateGates = (fix: Fix, { policy }: Pick<Facts, 'policy'>): readonly LateGate[] =>
  fix.owes ?? policy.severities[fix.severity].lane.after;

/** Gates that were passed over, or were to follow, and that the fix's lane does not name any more. */
export function orphans(fix: Fix, { component, policy }: Pick<Facts, 'component' | 'policy'>): string[] {
  const named = Object.values(laneGates(fix, component, policy)).flat();
  const known = new Set(named.map(({ name }) => name));
  const owed = [...(fix.owes ?? []), ...fix.waivers].map(({ gate }) => gate);
  return [...new Set(owed)].filter((gate) => !known.has(gate));
}

type Standing = GateStanding & { readonly lane?: LaneStanding['lane'] };

/**
 * Where every gate stands that the line has, or had when it was delivered; a gate that only watches is among them where it is
 * owed.
 */
export function standings(
  fix: Fix,
  line: FixLine,
  facts: Pick<Facts, 'component' | 'policy'>,
  now: Instant,
): Standing[] {
  if (line.build?.state !== 'done') return [];
  const { digest } = line.build;
  const { evidence, waivers } = fix;
  const gone = orphans(fix, facts).map((gate): Standing => {
    const stands = standing({ gate, line: line.line.name, digest, evidence, waivers, now });
    return { ...stands, because: `${stands.because}; ${GONE}` };
  });
  const owed = lateGates(fix, facts);
  return [...gatesOf({ fix, line, ...facts, now }), ...gone].flatMap((one): Standing[] => {
    const isLate = owed.some(({ gate }) => gate === one.gate);
    if (isLate) return [{ ...one, lane: 'after' }];
    return one.lane === 'shadow' ? [] : [one];
  });
}

const GONE = 'the lane of the fix does not name it any more: put it back, or waive it by name';

/** When what keeps it open was found; undefined while nothing was. */
const foundAt = (
  { evidence }: Fix,
  { gate, line, state }: Pick<Debt, 'gate' | 'line' | 'state'>,
): Instant | undefined =>
  state === 'missing' ? undefined : evidence.findLast((e) => e.gate === gate && e.line === line)?.at;

/** Gone back, all of it: whatever is owed for the image, nobody runs it. */
export const isTakenBack = ({ earlier = [], rollout }: Fix): boolean =>
  rollout !== undefined &&
  rollout.endedAt !== undefined &&
  [...earlier, rollout].every((one) => outOf(one).length === 0) &&
  (rollout.halted !== undefined ||
    Object.values(rollout.targets).some(({ state }) => state === 'rolled back'));

export const isOverdue = ({ dueAt }: Pick<Debt, 'dueAt'>, now: Instant): boolean => dueAt <= now;

/** Time to say it again: it failed on what runs, it is overdue, or less than a quarter of its time is left. */
export function isPressing({ state, owedFrom, dueAt }: Debt, now: Instant): boolean {
  if (state === 'failed' || state === 'unclear') return true;
  const [from, to, at] = [epochMs(owedFrom), epochMs(dueAt), epochMs(now)];
  return to - at <= (to - from) / 4;
}
