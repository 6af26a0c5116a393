import { epochMs, type Instant, instantOf } from '../base/instant.ts';
import type { GateState } from '../proof/proof.ts';
import { linesInUse, outOf } from './evolve.ts';
import type { Facts } from './facts.ts';
import { type Fix, isOver } from './fix.ts';
import { gatesOf } from './readiness.ts';

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
 * none once nothing of the fix runs any more.
 */
export function debtsOf(fix: Fix, facts: Pick<Facts, 'component' | 'policy'>, now: Instant): Debt[] {
  const since = deliveredAt(fix);
  if (since === undefined || isOver(fix.state) || isTakenBack(fix)) return [];
  const { component, policy } = facts;
  const { after } = policy.severities[fix.severity].lane;
  const gates = linesInUse(fix).flatMap((line) => gatesOf({ fix, line, component, policy, now }));
  return gates
    .flatMap(({ gate, line, state, because, until, lane }): Debt[] => {
      const late = after.find((one) => one.gate === gate);
      if (state === 'met' || lane === 'shadow') return [];
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
