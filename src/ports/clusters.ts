import type { Report } from '../core/fleet/report.ts';
import type { SignedOrder } from '../core/rollout/order.ts';

/**
 * The management clusters, behind whatever carries orders to them and reports back: agents, or a
 * simulated world.
 */
export interface Clusters {
  /**
   * Hands over signed orders and resolves once they are kept where a crash cannot lose them.
   * Handing over the same key again does nothing. Throws when they could not be kept; try again.
   */
  deliver(orders: readonly SignedOrder[]): Promise<void>;
  /**
   * Every report goes to `listener` and counts as received once its promise resolves. What it resolves with is
   * for those who answer the agent.
   */
  listen(listener: (report: Report) => Promise<unknown>): void;
}
