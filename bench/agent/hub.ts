import type { Order } from '../../src/core/rollout/order.ts';
import type { Link } from '../../src/ports/link.ts';
import { type OverShoulder, overShoulder } from '../../test/agent/over-shoulder.ts';

/** The tests' hub, with the ear of a real one: an agent that waits for orders has them the moment they are handed out. */
export type BenchHub = Omit<OverShoulder, 'order' | 'handOut' | 'settled'> & {
  /** Signs orders for these control planes as they are; handing them out is another step, and the one that is timed. */
  signed(wanted: readonly Wanted[]): SignedOrders;
  handOut(orders: SignedOrders): void;
  /** Resolves once every one of them is settled; throws when one was refused. */
  allSettled(orders: SignedOrders): Promise<void>;
  /** Resolves at the next report. */
  heard(): Promise<void>;
};

type SignedOrders = readonly ReturnType<OverShoulder['sign']>[];
type Wanted = Pick<Order, 'uid' | 'name' | 'digest' | 'ifOverride'>;

export const COMPONENT = 'control-plane-operator';
export const MANAGEMENT_CLUSTER = 'mc-1';
const FAR = '2100-01-01T00:00:00.000Z';

export function benchHub(): BenchHub {
  const hub = overShoulder(MANAGEMENT_CLUSTER);
  let sequence = 0;
  let handedOut = Promise.withResolvers<void>();
  let heard = Promise.withResolvers<void>();
  const link: Link = {
    async report(report, signal) {
      const answer = await hub.link.report(report, signal);
      heard.resolve();
      heard = Promise.withResolvers();
      return answer;
    },
    async orders(waitMs, signal) {
      const handed = handedOut.promise;
      const answer = await hub.link.orders(0, signal);
      if (answer.orders.length > 0 || waitMs === 0) return answer;
      await Promise.race([handed, over(signal, waitMs)]);
      return await hub.link.orders(0, signal);
    },
  };
  return {
    ...hub,
    link,
    signed: (wanted) =>
      wanted.map((one) => {
        sequence += 1;
        return hub.sign({
          key: `FIX-1/${one.uid}/${sequence}`,
          fix: 'FIX-1',
          managementCluster: MANAGEMENT_CLUSTER,
          component: COMPONENT,
          action: 'set',
          expiresAt: FAR,
          sequence,
          ...one,
        });
      }),
    handOut(orders) {
      for (const order of orders) hub.handOut(order);
      handedOut.resolve();
      handedOut = Promise.withResolvers();
    },
    async allSettled(orders) {
      while (!orders.every(({ key }) => hub.settled.has(key))) await heard.promise;
      const refused = orders.flatMap(({ key }) => hub.refused.get(key) ?? []);
      if (refused.length > 0) throw new Error(`${refused.length} orders were refused: ${refused[0]}`);
    },
    heard: () => heard.promise,
  };
}

function over(signal: AbortSignal, waitMs: number): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>();
  const timer = setTimeout(resolve, waitMs);
  signal.addEventListener('abort', () => resolve(), { once: true });
  return promise.finally(() => clearTimeout(timer));
}
