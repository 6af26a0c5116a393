import { sha256 } from '../base/hash.ts';
import type { Digest, FixId, Uid } from '../base/ids.ts';
import { type Instant, plus, SECOND } from '../base/instant.ts';
import { limitOf } from '../base/limit.ts';
import type { ControlPlane } from '../fleet/control-plane.ts';
import { holdBefore } from '../rollout/observe.ts';
import type { Delivery } from './deliver.ts';
import type { Event } from './event.ts';
import { foldMore, isContained, isRetiring } from './evolve.ts';
import type { Facts } from './facts.ts';
import type { Fix } from './fix.ts';
import { removeOrder } from './orders.ts';
import {
  isDue,
  isOverFor,
  judgeRetirement,
  paceOfRetirement,
  roomOfRetirement,
  seenOf,
} from './retire-pace.ts';
import { excludedUids, heldBy, imagesByDigest } from './scope-of.ts';
import { STEP_MS } from './step-of.ts';

/** What retiring would do: overrides that can go because the release has all they bring, and those that cannot. */
export type RetirePreview = {
  readonly drop: readonly { readonly plane: ControlPlane; readonly override: Digest }[];
  readonly keep: readonly { readonly uid: Uid; readonly name: string; readonly because: string }[];
};

export function retirePreview(fix: Fix, facts: Facts): RetirePreview {
  const images = imagesByDigest(facts.images);
  const drop: { plane: ControlPlane; override: Digest }[] = [];
  const keep: { uid: Uid; name: string; because: string }[] = [];
  for (const plane of facts.fleet) {
    const running = plane.components[fix.component];
    const image = running?.override && images.get(running.override);
    if (!running?.override || !image?.fixes.includes(fix.id)) continue;
    const release = images.get(running.release)?.commit;
    const lacking = image.fixes.filter((id) => !releaseHas([fix, ...facts.others], id, release));
    if (lacking.length === 0) drop.push({ plane, override: running.override });
    else
      keep.push({
        uid: plane.uid,
        name: plane.name,
        because: `release ${plane.version} lacks ${lacking.join(', ')}`,
      });
  }
  return { drop, keep };
}

function releaseHas(fixes: readonly Fix[], id: FixId, release: string | undefined): boolean {
  const lines = Object.values(fixes.find((f) => f.id === id)?.lines ?? {});
  return lines.some((l) => l.line.release === release && isContained(l));
}

/**
 * One step of retiring: takes overrides away where the release contains the fix. Removing one is a second roll, so it is
 * guarded, paced and judged as the first was: the one-box first, then at most as many of unknown outcome as have shown that
 * they are well without; what breaks stops it until a person says otherwise. Nothing is put back by itself: an
 * operator of an older release under a newer one is what an override must not be.
 */
export function retire(fix: Fix, facts: Facts, now: Instant): Delivery {
  if (!isRetiring(fix)) return { events: [], orders: [], because: `${fix.id} is not being retired` };
  const { drop, keep } = retirePreview(fix, facts);
  const pace = paceOfRetirement(facts);
  const seen = seenOf(fix, facts, {
    drop: new Set(drop.map((d) => d.plane.uid)),
    windowMs: pace.windowMs,
    now,
  });
  const after = foldMore(fix, seen, now);
  const judged = judgeRetirement(after, pace, facts, now);
  const { retirement } = foldMore(after, judged, now);
  const room = roomOfRetirement(retirement!, pace, facts, now);
  const waiting = drop.filter((d) => isDue(retirement!.told[d.plane.uid], now));
  const held = new Map<Uid, string>();
  const fresh = inKeyedOrder(fix, waiting).filter(({ plane }) => {
    const because = retirement!.paused?.reason ?? heldBecause(fix, plane, facts, now);
    if (because !== undefined) held.set(plane.uid, because);
    return because === undefined && room.takes(plane);
  });
  const events: Event[] = [
    ...seen,
    ...judged,
    ...(fresh.length > 0
      ? [{ type: 'OverridesDropped', targets: fresh.map((d) => d.plane.uid) } as const]
      : []),
    ...(drop.length === 0 && isOverFor(retirement!, pace, facts, now)
      ? [{ type: 'Retired', kept: keep } as const]
      : []),
  ];
  return {
    events,
    orders: fresh.map(({ plane, override }) =>
      removeOrder({ ...plane, component: fix.component, override }, fix.id, now),
    ),
    because: saying(drop.length, room.moving, held),
    askAgainAt: askAgainAt(drop.length > held.size, facts, now),
  };
}

/** Evidence is weighed as often as in a rollout while it lets others go; else it is soon enough for who falls silent. */
function askAgainAt(some: boolean, { policy }: Facts, now: Instant): Instant {
  const lookMs = Math.max(SECOND, Math.floor(limitOf(policy.silentAfterMs, 0) / 2));
  return plus(now, some ? Math.min(lookMs, STEP_MS) : lookMs);
}

type Dropped = RetirePreview['drop'][number];

/** As in a plan, neither names nor ages choose who goes first. */
const inKeyedOrder = (fix: Fix, of: readonly Dropped[]): Dropped[] =>
  of
    .map((d) => ({ d, key: sha256(`${fix.id} retired/${d.plane.uid}`) }))
    .sort((a, b) => (a.key < b.key ? -1 : 1))
    .map(({ d }) => d);

/** Nobody waits for a retirement: who is not at rest comes later, and an illness is nothing that it heals. */
function heldBecause(fix: Fix, plane: ControlPlane, facts: Facts, now: Instant): string | undefined {
  const { component } = fix;
  const { silentAfterMs } = facts.policy;
  if (excludedUids(fix, now).has(plane.uid)) return 'left out by name';
  return (
    holdBefore(plane, { component, silentAfterMs, isBurning: false, now }) ?? heldBy(facts.policy, plane, now)
  );
}

function saying(left: number, moving: number, held: ReadonlyMap<Uid, string>): string {
  if (left === 0)
    return moving > 0
      ? `no override is left to drop, ${moving} on their way`
      : 'no override is left to drop; a break of the last ones would still be put down to it';
  const reasons = [...Map.groupBy(held.values(), (because) => because)].map(
    ([b, all]) => `${all.length} held: ${b}`,
  );
  return [`${left} overrides to drop, ${moving} on their way`, ...reasons].join('; ');
}
