import { isDigest, short } from '../core/base/ids.ts';
import type { SignedOrder } from '../core/rollout/order.ts';
import type { Input } from './world-spec.ts';
import {
  type Cluster,
  clusterOf,
  isLost,
  isSilentNow,
  noteRefusal,
  nowOf,
  type Plane,
  type State,
  touch,
} from './world-state.ts';

type Handed = { readonly order: SignedOrder; readonly genuine: boolean };

/** Keeps orders that were handed over. Returns the control planes whose lever was moved at once. */
export function receiveOrders(state: State, input: Extract<Input, { readonly kind: 'orders' }>): Plane[] {
  const concerned = new Set<Cluster>();
  for (const [index, order] of input.orders.entries()) {
    state.deliveries.set(order.key, { order, received: 1, differing: 0, acted: 0 });
    const cluster = recipient(state, order);
    cluster.waiting.push({ order, genuine: input.genuine[index] === true });
    concerned.add(cluster);
  }
  for (const { key, same } of input.again) {
    const delivery = state.deliveries.get(key)!;
    delivery.received += 1;
    if (!same) delivery.differing += 1;
  }
  return [...concerned].flatMap((cluster) => fetchOrders(state, cluster));
}

/** The agent the order names; for an order that names none there is, one that can say so. */
function recipient(state: State, order: SignedOrder): Cluster {
  const named = state.clusters.get(order.managementCluster);
  if (named !== undefined) return named;
  const plane = state.planes.get(order.uid);
  return plane === undefined ? state.clusters.values().next().value! : clusterOf(state, plane);
}

/** The agent takes the orders left for it, unless it is silent. Returns the control planes whose lever it moved. */
export function fetchOrders(state: State, cluster: Cluster): Plane[] {
  if (isSilentNow(state, cluster)) return [];
  const moved: Plane[] = [];
  for (const handed of cluster.waiting.splice(0)) {
    const plane = state.planes.get(handed.order.uid);
    const because = plane === undefined ? whyUnknown(state, handed) : whyNot(state, plane, handed);
    if (because === undefined) {
      moveLever(state, plane!, handed.order);
      moved.push(plane!);
    } else {
      state.deliveries.get(handed.order.key)!.refused = because;
      noteRefusal(cluster, { key: handed.order.key, uid: handed.order.uid, because });
    }
  }
  return moved;
}

function moveLever(state: State, plane: Plane, order: SignedOrder): void {
  plane.override = order.action === 'set' ? order.digest : undefined;
  state.deliveries.get(order.key)!.acted += 1;
  state.record.acts.push({ key: order.key, uid: plane.uid, at: nowOf(state), digest: plane.override });
  touch(state, plane);
}

const FORGED = 'its signature does not verify against a pinned key';

function whyUnknown(state: State, { order, genuine }: Handed): string {
  if (!genuine) return FORGED;
  const namesake = state.names.get(order.name);
  if (namesake !== undefined)
    return `${order.name} was created again and is another control plane now, ${namesake}`;
  return state.deleted.has(order.uid) ? `${order.name} was deleted` : `no control plane has uid ${order.uid}`;
}

/** Why the agent does not carry an order out; undefined when it does. The signature comes first: nothing else in a forged order is believed. */
function whyNot(state: State, plane: Plane, { order, genuine }: Handed): string | undefined {
  if (!genuine) return FORGED;
  if (order.managementCluster !== plane.managementCluster)
    return `${plane.name} is on management cluster ${plane.managementCluster}, not on ${order.managementCluster}`;
  if (order.name !== plane.name) return `uid ${plane.uid} is ${plane.name}, not ${order.name}`;
  if (order.expiresAt <= nowOf(state)) return `it expired at ${order.expiresAt}`;
  const unfit = whyUnfit(state, order);
  if (unfit !== undefined) return unfit;
  if (order.sequence <= plane.sequence)
    return `its sequence ${order.sequence} is stale: ${plane.name} was given ${plane.sequence} already`;
  plane.sequence = order.sequence;
  if (isLost(state, plane)) return `the state of ${plane.name} cannot be seen`;
  if ((order.ifOverride ?? undefined) !== plane.override)
    return `expected ${leverText(order.ifOverride)}, found ${leverText(plane.override)}`;
  return undefined;
}

/** What is wrong with what it asks for. An image nobody knows is not refused: the pull fails, and is seen to. */
function whyUnfit(state: State, order: SignedOrder): string | undefined {
  const { component } = state.founding.fleet;
  if (order.component !== component) return `${order.name} does not run ${order.component}`;
  if (order.action === 'remove')
    return order.digest === undefined ? undefined : 'it asks to remove and names an image';
  if (order.digest === undefined || !isDigest(order.digest))
    return `its image ${JSON.stringify(order.digest ?? null)} is not a digest`;
  const image = state.images.get(order.digest);
  if (image !== undefined && image.component !== component)
    return `its image ${short(order.digest)} is of ${image.component}, not of ${component}`;
  return undefined;
}

const leverText = (digest: string | null | undefined) =>
  digest === null || digest === undefined ? 'no override' : `override ${short(digest)}`;
