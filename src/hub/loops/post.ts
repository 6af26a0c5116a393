import type { Parts } from '../parts.ts';

const BATCH = 500;

/**
 * Hands written orders to the clusters until none is left. A crash between handing over and noting it
 * hands the same keys over again, which the clusters take as one.
 */
export async function post({ outbox, clusters, clock }: Parts): Promise<number> {
  let posted = 0;
  for (;;) {
    const orders = await outbox.pending(BATCH);
    if (orders.length === 0) return posted;
    await clusters.deliver(orders);
    await outbox.accepted(
      orders.map((o) => o.key),
      clock.now(),
    );
    posted += orders.length;
  }
}
