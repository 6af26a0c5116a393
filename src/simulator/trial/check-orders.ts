import { verifyOrder } from '../../adapters/signer/verify.ts';
import { canonical } from '../../core/base/hash.ts';
import type { Uid } from '../../core/base/ids.ts';
import type { SignedOrder } from '../../core/rollout/order.ts';
import type { Target } from '../../core/rollout/plan.ts';
import { planUnderWay, type Terms } from './check-rows.ts';
import type { Story, Written } from './story.ts';

type WriteCheck = (written: Written, story: Story, terms: Terms) => string[];

/** Checked for every append as a whole; the rows are in the story by then, the orders are not. */
export const WRITE_CHECKS: Readonly<Record<string, WriteCheck>> = {
  'orders are signed': ({ orders }, _story, { publicKey }) =>
    orders.filter((o) => !verifyOrder(publicKey, o)).map((o) => `${o.key} has no signature that verifies`),

  'an order has a key and a turn of its own': ({ orders }, story) =>
    orders.flatMap((order) => {
      const last = story.sequences.get(order.uid) ?? 0;
      if (story.orders.has(order.key)) return [`${order.key} was given before`];
      return order.sequence > last ? [] : [`${order.key} does not come after ${last}`];
    }),

  'orders say what the events say': (written, story) => [
    ...unordered(written),
    ...written.orders.flatMap((order) => whyUnfounded(order, written, story)),
  ],

  'a command is carried out once': ({ answer }, story) =>
    answer !== undefined && story.answers.has(`${answer.actor} ${answer.key}`)
      ? [`${answer.actor}'s command ${answer.key} was carried out twice`]
      : [],
};

/** Control planes that an event says were told, and to whom no order was written. */
function unordered({ rows, orders }: Written): string[] {
  const ordered = new Set(orders.map((o) => o.uid));
  return toldIn(rows)
    .filter(({ uid }) => !ordered.has(uid))
    .map(({ uid, by }) => `${by} names ${uid}, and no order to it was written`);
}

type Told = { readonly uid: Uid; readonly by: 'TargetsStarted' | 'TargetsRolledBack' | 'OverridesDropped' };

const toldIn = (rows: Written['rows']): Told[] =>
  rows.flatMap(({ event }) =>
    event.type === 'TargetsStarted' || event.type === 'TargetsRolledBack' || event.type === 'OverridesDropped'
      ? event.targets.map((uid) => ({ uid, by: event.type }))
      : [],
  );

/** Why nothing that was written allows this order. */
function whyUnfounded(order: SignedOrder, { rows }: Written, story: Story): string[] {
  const told = toldIn(rows).find(({ uid }) => uid === order.uid);
  if (told === undefined) return [`${order.key} was written, and no event names ${order.uid}`];
  if (told.by === 'OverridesDropped')
    return order.action === 'remove' ? [] : [`${order.key} sets an image where one is to be dropped`];
  const target = planUnderWay(story, order.fix)?.targets.find((t) => t.uid === order.uid);
  if (target === undefined) return [`${order.key} is for ${order.uid}, which is in no plan under way`];
  const wanted = told.by === 'TargetsStarted' ? target.digest : target.fromOverride;
  return asks(order, wanted, target)
    ? []
    : [`${order.key} asks for ${order.digest ?? 'none'}, not ${wanted ?? 'none'}`];
}

const asks = (order: SignedOrder, digest: string | undefined, target: Target): boolean =>
  order.digest === digest &&
  order.action === (digest === undefined ? 'remove' : 'set') &&
  order.name === target.name &&
  order.component === target.component;

/** Orders handed to the clusters that were written nowhere, or otherwise. */
export function neverWritten(orders: readonly SignedOrder[], story: Story): string[] {
  return orders.flatMap((order) => {
    const written = story.orders.get(order.key);
    if (written === undefined) return [`${order.key} was handed over and is not on the ledger`];
    return canonical(written) === canonical(order)
      ? []
      : [`${order.key} was changed before it was handed over`];
  });
}
