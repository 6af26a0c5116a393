import type { Instant } from '../core/base/instant.ts';
import type { SignedOrder } from '../core/rollout/order.ts';

/** Who may speak for a management cluster, and what waits for it. */
export interface Agents {
  /** Makes a one-time token for one management cluster; only its hash is kept, and an earlier unused one is void. */
  invite(managementCluster: string, expiresAt: Instant): Promise<string>;
  /**
   * Uses a token up and keeps the key as the management cluster's agent; an earlier agent of it is revoked. Undefined when the
   * token is unknown, used, over, or of another management cluster. The same token with the same key again gives
   * the same agent: an answer may have been lost.
   */
  enrol(it: {
    readonly token: string;
    readonly managementCluster: string;
    readonly publicKey: string;
    readonly at: Instant;
  }): Promise<string | undefined>;
  /** Undefined when unknown or revoked. */
  find(agent: string): Promise<EnrolledAgent | undefined>;
  /** Those that are not revoked, by management cluster: one each at most. */
  list(): Promise<EnrolledAgent[]>;
  /** From now on it is not found. The same again is no fault; false when there never was such an agent. */
  revoke(agent: string): Promise<boolean>;
  /** Orders of the management cluster that are neither settled nor over, in the order they were decided. */
  waiting(managementCluster: string, now: Instant, limit: number): Promise<SignedOrder[]>;
  /** The management clusters for which orders wait. */
  awaited(now: Instant): Promise<string[]>;
  /** Those of the keys that are of orders to this management cluster, settled or not. */
  ordered(managementCluster: string, keys: readonly string[]): Promise<string[]>;
  /** Notes that these need not be handed over again; keys of other management clusters are left alone. */
  settle(managementCluster: string, keys: readonly string[], at: Instant): Promise<void>;
}

export type EnrolledAgent = {
  readonly agent: string;
  readonly managementCluster: string;
  readonly publicKey: string;
  readonly enrolledAt: Instant;
};
