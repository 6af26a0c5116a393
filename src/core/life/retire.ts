import type { Digest, FixId, Uid } from '../base/ids.ts';
import { type Instant, plus, SECOND } from '../base/instant.ts';
import { limitOf } from '../base/limit.ts';
import type { ControlPlane } from '../fleet/control-plane.ts';
import { USUAL } from '../pace/pace.ts';
import { ORDER_VALID_MS } from '../rollout/order.ts';
import type { Delivery } from './deliver.ts';
import type { Event } from './event.ts';
import { isContained } from './evolve.ts';
import type { Facts } from './facts.ts';
import type { Fix } from './fix.ts';
import { removeOrder } from './orders.ts';
import { imagesByDigest } from './scope-of.ts';

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
 * One step of retiring: takes overrides away where the release contains the fix, at most as many on
 * their way per management cluster as the policy allows, since removing one is a second roll.
 */
export function retire(fix: Fix, facts: Facts, now: Instant): Delivery {
  const retirement = fix.retirement;
  if (retirement === undefined || retirement.endedAt !== undefined) {
    return { events: [], orders: [], because: `${fix.id} is not being retired` };
  }
  const { drop, keep } = retirePreview(fix, facts);
  const overridden = new Set(drop.map((d) => d.plane.uid));
  const gone = Object.keys(retirement.told).filter(
    (uid) => !overridden.has(uid) && !retirement.removed.includes(uid),
  );
  // An order that ran out before it was carried out is given anew.
  const moving = [...overridden].filter((uid) => !isDue(retirement.told[uid], now));
  const busy = busyPerCluster(drop.filter((d) => moving.includes(d.plane.uid)).map((d) => d.plane));
  const fresh = drop.filter((d) => isDue(retirement.told[d.plane.uid], now) && takes(busy, d.plane, facts));
  const events: Event[] = [
    ...(gone.length > 0 ? [{ type: 'OverridesGone', targets: gone } as const] : []),
    ...(fresh.length > 0
      ? [{ type: 'OverridesDropped', targets: fresh.map((d) => d.plane.uid) } as const]
      : []),
    ...(drop.length === 0 ? [{ type: 'Retired', kept: keep } as const] : []),
  ];
  return {
    events,
    orders: fresh.map(({ plane, override }) =>
      removeOrder({ ...plane, component: fix.component, override }, fix.id, now),
    ),
    because:
      drop.length === 0
        ? 'no override is left to drop'
        : `${drop.length} overrides to drop, ${moving.length} on their way`,
    askAgainAt: plus(now, Math.max(SECOND, Math.floor(limitOf(facts.policy.silentAfterMs, 0) / 2))),
  };
}

const isDue = (toldAt: Instant | undefined, now: Instant): boolean =>
  toldAt === undefined || plus(toldAt, ORDER_VALID_MS) <= now;

function busyPerCluster(moving: readonly ControlPlane[]): Map<string, number> {
  const busy = new Map<string, number>();
  for (const plane of moving) busy.set(plane.managementCluster, (busy.get(plane.managementCluster) ?? 0) + 1);
  return busy;
}

function takes(busy: Map<string, number>, plane: ControlPlane, facts: Facts): boolean {
  const used = busy.get(plane.managementCluster) ?? 0;
  // As in a plan: what the policy does not name is the usual, what it names and cannot be read is 1.
  const { inFlightPerManagementCluster } = { ...USUAL, ...facts.policy.pace };
  if (used >= limitOf(inFlightPerManagementCluster, 1)) return false;
  busy.set(plane.managementCluster, used + 1);
  return true;
}
