import type { Commit, Digest, Uid } from '../core/base/ids.ts';
import { type Instant, MINUTE, type Ms, SECOND } from '../core/base/instant.ts';
import type { SignedOrder } from '../core/rollout/order.ts';
import type { FleetSpec } from './fleet.ts';
import type { TimeLaw } from './random.ts';

/** How the world behaves when nobody does anything to it, and how control planes take an image. */
export type Nature = {
  /** From the lever being set to only the new image running, for a highly available control plane. */
  readonly rollout: TimeLaw;
  /** Times the above for a single replica: fewer pods to replace. */
  readonly singleReplicaFactor: number;
  /** Of rollouts to an image the control plane has not run before, how many never end. */
  readonly stallShare: number;
  /** How long after its start a rollout that does not end is seen to be unhealthy. */
  readonly stallSeenAfterMs: Ms;
  readonly sickPerPlaneHour: number;
  readonly sickFor: TimeLaw;
  readonly lostPerPlaneHour: number;
  readonly lostFor: TimeLaw;
  readonly deletedPerPlaneHour: number;
  /** Of deletions, how many are followed at once by a new control plane of the same name. */
  readonly recreatedShare: number;
  readonly createdPerPlaneHour: number;
  readonly upgradedPerPlaneHour: number;
  readonly upgradeFor: TimeLaw;
  readonly silentPerClusterHour: number;
  readonly silentFor: TimeLaw;
  /** An agent with nothing new says so this often. Default: two minutes. */
  readonly heartbeatEveryMs?: Ms | undefined;
};

/** The default. Sickness is that of the modelled fleet: 0.002 episodes an hour, 10 minutes each. */
export const LIVELY: Nature = {
  rollout: { medianMs: 3 * MINUTE, sigma: 0.4 },
  singleReplicaFactor: 0.6,
  stallShare: 0.002,
  stallSeenAfterMs: 5 * MINUTE,
  sickPerPlaneHour: 0.002,
  sickFor: { medianMs: 10 * MINUTE, sigma: 0.5 },
  lostPerPlaneHour: 0.0005,
  lostFor: { medianMs: 15 * MINUTE, sigma: 0.5 },
  deletedPerPlaneHour: 0.0002,
  recreatedShare: 0.1,
  createdPerPlaneHour: 0.0002,
  upgradedPerPlaneHour: 0.0005,
  upgradeFor: { medianMs: 20 * MINUTE, sigma: 0.2 },
  silentPerClusterHour: 0.01,
  silentFor: { medianMs: 8 * MINUTE, sigma: 0.8 },
};

/** Nothing happens by itself. Images are still taken as ever, stalls included. */
export const CALM: Nature = {
  ...LIVELY,
  sickPerPlaneHour: 0,
  lostPerPlaneHour: 0,
  deletedPerPlaneHour: 0,
  createdPerPlaneHour: 0,
  upgradedPerPlaneHour: 0,
  silentPerClusterHour: 0,
};

/** Agents look every half minute and speak when something changed; at the latest, every two minutes. */
export const REPORT_EVERY_MS: Ms = 30 * SECOND;
export const HEARTBEAT_EVERY_MS: Ms = 2 * MINUTE;

/** An image the registry holds; anyone can ask it for the commit. */
export type RegisteredImage = {
  readonly digest: Digest;
  readonly component: string;
  readonly commit?: Commit | undefined;
};

/**
 * A defect of every image with this commit, or of one image. Of the control planes that run it, `rate`
 * (0 to 1) become unhealthy, `delay` after they began to; they are well again when they run another.
 */
export type Fault = {
  readonly name: string;
  readonly commit?: Commit | undefined;
  readonly digest?: Digest | undefined;
  readonly rate: number;
  readonly delay: TimeLaw;
  /** What people see. */
  readonly because: string;
};

/** `share` (0 to 1) of the control planes on `from` (default: any other version) start evenly within `overMs`. */
export type Upgrade = {
  readonly from?: string | undefined;
  readonly to: { readonly version: string; readonly commit: Commit };
  readonly share: number;
  readonly overMs: Ms;
};

/** Everything that can come into a world from outside. */
export type Input =
  /** `genuine[i]`: whether the signature of `orders[i]` held. `again`: keys handed over once more. */
  | {
      readonly kind: 'orders';
      readonly orders: readonly SignedOrder[];
      readonly genuine: readonly boolean[];
      readonly again: readonly { readonly key: string; readonly same: boolean }[];
    }
  | { readonly kind: 'image'; readonly image: RegisteredImage }
  | { readonly kind: 'fault'; readonly fault: Fault }
  | { readonly kind: 'upgrade'; readonly upgrade: Upgrade }
  | { readonly kind: 'silence'; readonly managementCluster: string; readonly forMs: Ms }
  /** The agent is started again: it knows what it sees, and not what it had said. */
  | { readonly kind: 'crash'; readonly managementCluster: string }
  | { readonly kind: 'lose'; readonly uid: Uid; readonly forMs: Ms }
  | { readonly kind: 'sicken'; readonly uid: Uid; readonly because: string; readonly forMs: Ms }
  | { readonly kind: 'hold'; readonly uid: Uid; readonly forMs: Ms }
  | { readonly kind: 'destroy'; readonly uid: Uid; readonly recreate: boolean }
  | { readonly kind: 'create' };

/** How a world began. Kept as the first line of its journal, and from then on the truth about it. */
export type Founding = { readonly epoch: Instant; readonly fleet: FleetSpec; readonly nature: Nature };

/** One line of a journal. */
export type Entry =
  | ({ readonly kind: 'founded'; readonly format: 1 } & Founding)
  | (Input & { readonly at: Instant })
  /** Time has come at least this far. */
  | { readonly kind: 'time'; readonly at: Instant };
