import type { Commit, Digest, FixId, Uid } from '../base/ids.ts';
import { epochMs, type Instant, type Ms, plus } from '../base/instant.ts';
import { limitOf } from '../base/limit.ts';

/**
 * One control plane as its management cluster last reported it. Every field is an observation;
 * nothing here is a wish.
 */
export type ControlPlane = {
  readonly uid: Uid;
  /** Unique among living control planes; what people type. */
  readonly name: string;
  readonly managementCluster: string;
  readonly region: string;
  readonly sector: string;
  readonly customer: string;
  readonly platform: string;
  /** The release it is on, e.g. `4.19.11`. */
  readonly version: string;
  readonly availability: 'HighlyAvailable' | 'SingleReplica';
  readonly components: Readonly<Record<string, RunningComponent>>;
  /** Undefined: healthy. Otherwise what is wrong, in a few words. */
  readonly unhealthy?: string;
  readonly upgrading?: boolean;
  /** Reconciling is paused at the source; an order would not take effect. */
  readonly paused?: boolean;
  /** Why its agent would refuse an order now, in one sentence: a guard that holds. It stays exposed, and is told later. */
  readonly held?: string;
  /** Bad episodes of its own, and the time they were counted in; absent where nobody counts. */
  readonly past?: Past;
  /** Of a component with one instance a management cluster: what depends on it there. See `withServed`. */
  readonly served?: Served;
  /** When the hub received the last report that named it. */
  readonly reportedAt: Instant;
};

/** `planes`: how many control planes, at least 1. `rate`: bad episodes an hour to be expected of them together. */
export type Served = { readonly planes: number; readonly rate?: number };

export type Past = { readonly episodes: number; readonly hours: number };

/**
 * Bad episodes an hour to be expected of a control plane: its own, pulled towards the usual of one in 500 hours
 * by as much as 500 hours of it would weigh. What cannot be read counts as no past.
 */
export function pastRate({ episodes, hours }: Past): number {
  const known = Number.isFinite(episodes) && Number.isFinite(hours) && episodes >= 0 && hours >= 0;
  return known ? (1 + episodes) / (500 + hours) : 1 / 500;
}

export type RunningComponent = {
  /** The digest in the imageIDs of the running pods; absent while pods of two digests run. */
  readonly digest?: Digest;
  /** The digest of the release the control plane is on. */
  readonly release: Digest;
  /** The digest our lever asks for, when it is set. */
  readonly override?: Digest;
};

/**
 * What is in an image: its commit (from labels or provenance; absent means nobody knows), and of the
 * fixes we deliver, which were put into it.
 */
export type ImageFacts = {
  readonly digest: Digest;
  readonly component: string;
  readonly commit?: Commit;
  /** The commit of the release below our fixes; equals `commit` for a release image. */
  readonly release?: Commit;
  /** In ledger order. Empty for a release image. */
  readonly fixes: readonly FixId[];
};

/**
 * Whether nothing has been heard of it for longer than `silentAfterMs`. Silence is unknown, never success;
 * so is a limit or a time of report that cannot be read.
 */
export function isSilent(plane: Pick<ControlPlane, 'reportedAt'>, silentAfterMs: Ms, now: Instant): boolean {
  return !(epochMs(plane.reportedAt) + limitOf(silentAfterMs, 0) >= epochMs(now));
}

/** When it will count as silent if nothing more is heard. */
export const silentAt = (plane: Pick<ControlPlane, 'reportedAt'>, silentAfterMs: Ms): Instant =>
  plus(plane.reportedAt, limitOf(silentAfterMs, 0));
