import { isDigest, short, type Uid } from '../base/ids.ts';
import { epochMs } from '../base/instant.ts';
import type { Order } from '../rollout/order.ts';
import type { ReportedPlane } from './inventory.ts';
import type { AgentSettings } from './settings.ts';

export type OrderCheck = {
  /** The control plane of the order's uid as it stands, when the agent sees it. */
  readonly plane?: ReportedPlane | undefined;
  /** Who bears the order's name now, when no control plane has its uid. */
  readonly namesake?: Uid | undefined;
  /** The uid was seen before and is gone. */
  readonly deleted?: boolean;
  readonly settings: Pick<AgentSettings, 'managementCluster' | 'components'>;
  /** The highest sequence that was carried out on the control plane. */
  readonly lastSequence?: number | undefined;
  /** The hub's clock, as far as the agent knows it. */
  readonly nowMs: number;
  /** Its signature verifies against a pinned key. */
  readonly genuine: boolean;
};

/**
 * Why an agent does not carry an order out, in one sentence; undefined when nothing about the order stands against it.
 * The signature comes first: nothing else in a forged order is believed, nor told.
 */
export function whyRefused(order: Order, it: OrderCheck): string | undefined {
  if (!it.genuine) return 'its signature does not verify against a pinned key';
  return whyMisdirected(order, it) ?? whyOver(order, it) ?? whyUnfit(order, it) ?? whyStale(order, it);
}

function whyMisdirected(
  order: Order,
  { settings, plane, namesake, deleted }: OrderCheck,
): string | undefined {
  if (order.managementCluster !== settings.managementCluster)
    return `${order.name} is on management cluster ${settings.managementCluster}, not on ${order.managementCluster}`;
  if (plane === undefined) {
    if (namesake !== undefined)
      return `${order.name} was created again and is another control plane now, ${namesake}`;
    return deleted ? `${order.name} was deleted` : `no control plane has uid ${order.uid}`;
  }
  if (plane.uid !== order.uid)
    return `${order.name} was created again and is another control plane now, ${plane.uid}`;
  return plane.name === order.name ? undefined : `uid ${plane.uid} is ${plane.name}, not ${order.name}`;
}

/** A time that cannot be read is over. */
const whyOver = ({ expiresAt }: Order, { nowMs }: OrderCheck): string | undefined =>
  epochMs(expiresAt) > nowMs ? undefined : `it expired at ${expiresAt}`;

function whyUnfit(order: Order, { settings, plane }: OrderCheck): string | undefined {
  const known = settings.components.some((c) => c.name === order.component);
  if (!known || !Object.hasOwn(plane?.components ?? {}, order.component))
    return `${order.name} does not run ${order.component}`;
  if (order.action === 'remove')
    return order.digest === undefined ? undefined : 'it asks to remove and names an image';
  return order.digest !== undefined && isDigest(order.digest)
    ? undefined
    : `its image ${JSON.stringify(order.digest ?? null)} is not a digest`;
}

function whyStale(order: Order, { plane, lastSequence }: OrderCheck): string | undefined {
  if (!Number.isSafeInteger(order.sequence)) return `its sequence ${order.sequence} is not a number`;
  if (lastSequence !== undefined && !(order.sequence > lastSequence))
    return `its sequence ${order.sequence} is stale: ${order.name} was given ${lastSequence} already`;
  const found = plane?.components[order.component]?.override;
  return (order.ifOverride ?? undefined) === found
    ? undefined
    : `expected ${overrideText(order.ifOverride)}, found ${overrideText(found)}`;
}

const overrideText = (digest: string | null | undefined): string =>
  digest === null || digest === undefined ? 'no override' : `override ${short(digest)}`;
