import type { Digest } from '../base/ids.ts';
import type { Instant } from '../base/instant.ts';
import type { ControlPlane } from '../fleet/control-plane.ts';
import { conditionOf, observe } from '../rollout/observe.ts';
import type { ObservedTarget, SeenOther } from '../rollout/observed.ts';
import type { Plan } from '../rollout/plan.ts';
import { waitsForBefore } from './after.ts';
import type { Event, OtherChange, TargetChange } from './event.ts';
import type { Facts } from './facts.ts';
import type { Fix, Rollout } from './fix.ts';
import { excludedUids, heldBy, imagesByDigest, planesByUid } from './scope-of.ts';
import { isBurning } from './urgency-for.ts';

/** Where every target of the plan stands, by what is reported now. */
export function observedNow(
  fix: Fix,
  rollout: Rollout,
  plan: Plan,
  facts: Facts,
  now: Instant,
): readonly ObservedTarget[] {
  return observe({
    ...lookWith(fix, plan, facts, now),
    told: rollout.targets,
    lost: rollout.lost ?? {},
    planes: planesByUid(facts.fleet),
  });
}

function lookWith(fix: Fix, plan: Plan, facts: Facts, now: Instant) {
  const images = imagesByDigest(facts.images);
  const waits = waitsForBefore(facts, now);
  return {
    plan,
    excluded: excludedUids(fix, now),
    holdOf: (plane: ControlPlane) => heldBy(facts.policy, plane, now) ?? waits(plane),
    isBurning: (plane: ControlPlane) => isBurning(fix, plane),
    carriesFix: (digest: Digest) => images.get(digest)?.fixes.includes(fix.id) ?? false,
    now,
  };
}

/** What is seen now and is not what the ledger says. */
export function seenNow(
  fix: Fix,
  rollout: Rollout,
  plan: Plan,
  observed: readonly ObservedTarget[],
  facts: Facts,
  now: Instant,
): Event[] {
  const told = observed.flatMap((t) => changeOf(rollout, t) ?? []);
  // Whose override was taken away is no longer told from here on.
  const targets = observed
    .filter((t) => rollout.targets[t.uid] === undefined || t.state === 'waiting')
    .map(otherOf);
  const others = [...targets, ...controlsNow(plan, lookWith(fix, plan, facts, now), facts)].filter(
    ({ uid, seen }) => !isSame(rollout.others[uid] ?? {}, seen),
  );
  return [
    ...(told.length > 0 ? [{ type: 'TargetsObserved', changes: told } as const] : []),
    ...(others.length > 0 ? [{ type: 'OthersObserved', changes: others } as const] : []),
  ];
}

/** A told target whose state is not what the ledger says any more, or that is well again. */
function changeOf(rollout: Rollout, seen: ObservedTarget): TargetChange | undefined {
  const told = rollout.targets[seen.uid];
  if (told === undefined || !isReported(seen.state)) return undefined;
  const burner = rollout.burners[seen.uid];
  const recovered = seen.recovered === true && burner !== undefined && burner.recoveredAt === undefined;
  const sameHealth = (seen.ill === true) === (told.illAt !== undefined);
  if (told.state === seen.state && sameHealth && !recovered) return undefined;
  const { uid, state: to, because } = seen;
  return {
    uid,
    to,
    ...(because !== undefined && { because }),
    ...(recovered && { recovered: true }),
    ...(seen.ill && { ill: true }),
    ...(seen.ran && { ran: true }),
  };
}

const isReported = (state: ObservedTarget['state']): state is TargetChange['to'] =>
  state !== 'excluded' && state !== 'rolling back';

function otherOf(seen: ObservedTarget): OtherChange {
  const { uid, state, hold, misfit, unwell, unheard, burning } = seen;
  const out = state === 'gone' || state === 'excluded' ? state : misfit ? 'misfit' : undefined;
  return {
    uid,
    seen: {
      ...(out && { out }),
      ...(hold !== undefined && { hold }),
      ...(unwell !== undefined && { unwell }),
      ...(unheard && { unheard }),
      ...(burning && { burning }),
    },
  };
}

function controlsNow(plan: Plan, look: ReturnType<typeof lookWith>, facts: Facts): OtherChange[] {
  if (plan.controls.length === 0) return [];
  const planes = planesByUid(facts.fleet);
  return plan.controls.map(({ uid }) => {
    const plane = planes.get(uid);
    return { uid, seen: plane === undefined ? { out: 'gone' } : conditionOf(plane, look) };
  });
}

const KEYS = ['out', 'hold', 'unwell', 'unheard', 'burning'] as const satisfies readonly (keyof SeenOther)[];

const isSame = (a: SeenOther, b: SeenOther): boolean => KEYS.every((key) => a[key] === b[key]);
