import type { Digest, Uid } from '../core/base/ids.ts';
import type { Delivery, WorldRecord } from './world-state.ts';

/** What a world did, as it can be had from `World.record()` and `World.deliveries()`. */
export type Facts = {
  readonly record: Pick<WorldRecord, 'acts' | 'ran' | 'released'>;
  readonly deliveries: readonly Pick<Delivery, 'order' | 'refused' | 'differing'>[];
};

/** Every check below; empty when the world is in order. Each finding is a sentence that names what broke. */
export const findBroken = (facts: Facts): string[] => [
  ...actedTwice(facts),
  ...actedUnasked(facts),
  ...keysUsedAgain(facts),
  ...neverOrdered(facts),
];

/** Keys by which a lever was moved more than once. */
export function actedTwice({ record }: Pick<Facts, 'record'>): string[] {
  const times = new Map<string, number>();
  for (const { key } of record.acts) times.set(key, (times.get(key) ?? 0) + 1);
  return [...times]
    .filter(([, count]) => count > 1)
    .map(([key, count]) => `${key} was acted on ${count} times`);
}

/** Levers that were moved by no order, by one that was refused, or to something else than it asked. */
export function actedUnasked({ record, deliveries }: Facts): string[] {
  const byKey = new Map(deliveries.map((delivery) => [delivery.order.key, delivery]));
  return record.acts.flatMap(({ key, uid, digest }) => {
    const delivery = byKey.get(key);
    if (delivery === undefined) return [`${uid} was changed by ${key}, which nobody handed over`];
    if (delivery.refused !== undefined) return [`${key} was refused (${delivery.refused}) and acted on`];
    const asked = delivery.order.action === 'set' ? delivery.order.digest : undefined;
    const isAsked = delivery.order.uid === uid && asked === digest;
    return isAsked
      ? []
      : [`${key} asked ${delivery.order.uid} for ${asked}, and ${uid} was set to ${digest}`];
  });
}

/** Keys that came again with another order under them: that order is lost, since a key is acted on once. */
export function keysUsedAgain({ deliveries }: Pick<Facts, 'deliveries'>): string[] {
  return deliveries
    .filter(({ differing }) => differing > 0)
    .map(
      ({ order, differing }) =>
        `${order.key} came again as another order ${differing} times, which nobody carried out`,
    );
}

/** Images a control plane ran that no release holds and no order had asked of it by then. */
export function neverOrdered({ record }: Pick<Facts, 'record'>): string[] {
  const ordered = new Map<Uid, { readonly at: string; readonly digest: Digest | undefined }[]>();
  for (const { uid, at, digest } of record.acts)
    ordered.set(uid, [...(ordered.get(uid) ?? []), { at, digest }]);
  return record.ran
    .filter(
      ({ uid, digest, at }) =>
        !record.released.has(digest) &&
        !ordered.get(uid)?.some((order) => order.digest === digest && order.at <= at),
    )
    .map(({ uid, digest, at }) => `${uid} ran ${digest} from ${at}, which was neither released nor ordered`);
}
