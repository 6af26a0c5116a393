import type { Digest, FixId, Uid } from '../base/ids.ts';
import type { Instant } from '../base/instant.ts';
import type { Standing } from '../coverage/coverage.ts';

/** One control plane towards one fix, in a list. */
export type TargetView = {
  readonly uid: Uid;
  readonly name: string;
  readonly customer: string;
  readonly version: string;
  readonly managementCluster: string;
  readonly region: string;
  readonly standing: Standing;
  /** State in the rollout when the plan names it. */
  readonly state?: string;
  /** The row of the rollout it is in: `burning`, `one-box` or a stage. */
  readonly stage?: string;
  /** Which start it was told with, from 1. */
  readonly wave?: number;
  readonly inPlan: boolean;
  readonly digest?: Digest;
  readonly because: string;
  readonly since?: Instant;
};

/** One control plane and every fix of ours it carries or lacks. */
export type ControlPlaneView = {
  readonly uid: Uid;
  readonly name: string;
  readonly customer: string;
  readonly version: string;
  readonly managementCluster: string;
  readonly region: string;
  readonly sector: string;
  readonly platform: string;
  readonly availability: string;
  readonly health: string;
  readonly reportedAt: Instant;
  readonly silent: boolean;
  readonly upgrading: boolean;
  /** Reconciling is paused at the source: an order would not take effect. */
  readonly paused: boolean;
  /** The guard of its agent that holds, in one sentence. */
  readonly held?: string;
  readonly components: readonly {
    readonly component: string;
    readonly digest?: Digest;
    readonly overridden: boolean;
  }[];
  readonly fixes: readonly { readonly fix: FixId; readonly standing: Standing; readonly because: string }[];
  /** For support to paste. */
  readonly sentence: string;
};

/** One event as a person reads it. */
export type TimelineEntry = {
  readonly seq: number;
  readonly version: number;
  readonly at: Instant;
  readonly author: string;
  readonly surface: string;
  readonly type: string;
  readonly text: string;
  /** The version the author had seen, when it mattered. */
  readonly seen?: number;
};
