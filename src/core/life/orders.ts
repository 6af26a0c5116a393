import type { Digest, FixId, Uid } from '../base/ids.ts';
import { epochMs, type Instant, plus } from '../base/instant.ts';
import { ORDER_VALID_MS, type Order } from '../rollout/order.ts';
import type { Plan, Target } from '../rollout/plan.ts';
import type { Step } from '../rollout/step.ts';
import type { Rollout } from './fix.ts';

/** What is told to whom for a step, going back first. */
export function ordersOf(step: Step, plan: Plan, rollout: Rollout, now: Instant): Order[] {
  const byUid = new Map(plan.targets.map((t) => [t.uid, t]));
  // An order must come after the one before it, also when both fall on one millisecond.
  const after = (uid: Uid): Instant => {
    const before = rollout.targets[uid]?.toldAt;
    return before === undefined || before < now ? now : plus(before, 1);
  };
  return [
    ...step.rollback.map((uid) => backOrder(byUid.get(uid)!, plan.fix, after(uid))),
    ...step.start.map((uid) => setOrder(byUid.get(uid)!, plan.fix, after(uid))),
  ];
}

function setOrder(target: Target, fix: FixId, now: Instant): Order {
  return {
    ...order(target, fix, now),
    action: 'set',
    digest: target.digest,
    ifOverride: target.fromOverride ?? null,
  };
}

function backOrder(target: Target, fix: FixId, now: Instant): Order {
  const base = { ...order(target, fix, now), ifOverride: target.digest };
  return target.fromOverride === undefined
    ? { ...base, action: 'remove' }
    : { ...base, action: 'set', digest: target.fromOverride };
}

type Addressed = Pick<Target, 'uid' | 'name' | 'managementCluster' | 'component'>;

function order(target: Addressed, fix: FixId, now: Instant) {
  // Rises with time and differs between two fixes that speak in the same millisecond.
  const sequence = epochMs(now) * 1_000 + (Number(fix.slice(4)) % 1_000);
  return {
    key: `${fix}/${target.uid}/${sequence}`,
    fix,
    uid: target.uid,
    name: target.name,
    managementCluster: target.managementCluster,
    component: target.component,
    expiresAt: plus(now, ORDER_VALID_MS),
    sequence,
  };
}

/** The order that takes our override away, for retirement. */
export function removeOrder(
  target: Addressed & { readonly override: Digest },
  fix: FixId,
  now: Instant,
): Order {
  const { override, ...addressed } = target;
  return { ...order(addressed, fix, now), action: 'remove', ifOverride: override };
}
