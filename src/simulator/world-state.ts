import type { Commit, Digest, Uid } from '../core/base/ids.ts';
import { epochMs, type Instant, type Ms, plus } from '../core/base/instant.ts';
import type { RefusedOrder } from '../core/fleet/report.ts';
import type { SignedOrder } from '../core/rollout/order.ts';
import { createEventQueue, type EventQueue } from './event-queue.ts';
import {
  type ClusterFacts,
  makeFleet,
  type PlaneFacts,
  type PlaneMaker,
  planeMaker,
  type Release,
  releaseDigest,
} from './fleet.ts';
import { exponentialMs, type Random, stream } from './random.ts';
import type { Fault, Founding, RegisteredImage } from './world-spec.ts';

/**
 * What is so in the world. Times are milliseconds since its epoch, kept apart from instants so that
 * nothing in here can meet the wall's clock. Only the functions beside this file change it.
 */
export type State = {
  readonly founding: Founding;
  readonly epochMs: Ms;
  nowMs: Ms;
  readonly planes: Map<Uid, Plane>;
  readonly clusters: Map<string, Cluster>;
  readonly images: Map<Digest, RegisteredImage>;
  readonly faults: Fault[];
  /** Releases the fleet is on or will come to, for new and for upgrading control planes. */
  readonly releases: Release[];
  readonly queue: EventQueue<Happening>;
  readonly deliveries: Map<string, Delivery>;
  /** Names in use. */
  readonly names: Map<string, Uid>;
  readonly deleted: Set<Uid>;
  readonly record: WorldRecord;
  readonly maker: PlaneMaker;
  readonly arrivals: Random;
  made: number;
  upgrades: number;
};

export type Plane = Omit<PlaneFacts, 'version' | 'release'> & {
  version: string;
  release: Digest;
  override: Digest | undefined;
  /** What its pods run; undefined while they run two. */
  digest: Digest | undefined;
  /** Rises with every rollout; what was to come of an earlier one comes to nothing. */
  rollout: number;
  rollingTo: Digest | undefined;
  /** Rises when it begins to run another image. */
  stay: number;
  readonly known: Set<Digest>;
  readonly ailments: { image?: string | undefined; stall?: string | undefined; other?: string | undefined };
  sickUntilMs: Ms;
  lostUntilMs: Ms;
  heldUntilMs: Ms;
  upgrading: { readonly version: string; readonly commit: Commit } | undefined;
  /** Of the last order it was given. */
  sequence: number;
  readonly luck: Random;
};

/** A management cluster and what its agent has still to say. */
export type Cluster = ClusterFacts & {
  readonly planes: Set<Uid>;
  silentUntilMs: Ms;
  /** Orders the agent has not fetched because it is silent, with whether each is genuine. */
  readonly waiting: { readonly order: SignedOrder; readonly genuine: boolean }[];
  readonly luck: Random;
  /** The latest, for reports that say everything. */
  readonly gone: Uid[];
  readonly refused: RefusedOrder[];
  readonly unsaid: { full: boolean; readonly changed: Set<Uid>; gone: Uid[]; refused: RefusedOrder[] };
  readonly seen: Set<Digest>;
  /** Of the last report; undefined before the first. */
  spokeAtMs: Ms | undefined;
};

/** What became of a key. `differing`: how often it came again with another order under it. */
export type Delivery = {
  readonly order: SignedOrder;
  received: number;
  differing: number;
  acted: number;
  refused?: string;
};

/** What was done, for checkers: kept apart from the state that decides. */
export type WorldRecord = {
  /** Each time an agent moved a lever. */
  readonly acts: {
    readonly key: string;
    readonly uid: Uid;
    readonly at: Instant;
    readonly digest: Digest | undefined;
  }[];
  /** Each time a control plane had come to run an image. */
  readonly ran: { readonly uid: Uid; readonly digest: Digest; readonly at: Instant }[];
  /** Images that releases hold. */
  readonly released: Set<Digest>;
};

/** What is going to happen by itself. */
export type Happening =
  | PlaneHappening
  | { readonly kind: 'fall silent' | 'speak again'; readonly cluster: string }
  | { readonly kind: 'arrive' };

export type PlaneHappening =
  | { readonly kind: 'converge' | 'stall'; readonly uid: Uid; readonly rollout: number }
  | { readonly kind: 'image ails'; readonly uid: Uid; readonly stay: number; readonly because: string }
  | { readonly kind: 'fate' | 'recover' | 'found' | 'release hold' | 'end upgrade'; readonly uid: Uid }
  | {
      readonly kind: 'start upgrade';
      readonly uid: Uid;
      readonly to: { readonly version: string; readonly commit: Commit };
    };

/** Agents remember this many refusals and deletions for reports that say everything. */
const REMEMBERED = 1_000;

export function foundState(founding: Founding): State {
  const { fleet } = founding;
  const { clusters, planes } = makeFleet(fleet);
  const state: State = {
    founding,
    epochMs: epochMs(founding.epoch),
    nowMs: 0,
    planes: new Map(),
    clusters: new Map(
      clusters.map((facts) => [facts.name, newCluster(facts, stream(fleet.seed, 'silence', facts.name))]),
    ),
    images: new Map(),
    faults: [],
    releases: [...fleet.releases],
    queue: createEventQueue(),
    deliveries: new Map(),
    names: new Map(),
    deleted: new Set(),
    record: { acts: [], ran: [], released: new Set() },
    maker: planeMaker(fleet, clusters),
    arrivals: stream(fleet.seed, 'arrivals'),
    made: planes.length,
    upgrades: 0,
  };
  for (const { commit } of fleet.releases) addRelease(state, commit);
  for (const facts of planes) addPlane(state, facts);
  for (const cluster of state.clusters.values()) scheduleSilence(state, cluster);
  scheduleArrival(state);
  return state;
}

function newCluster(facts: ClusterFacts, luck: Random): Cluster {
  return {
    ...facts,
    luck,
    planes: new Set(),
    silentUntilMs: 0,
    waiting: [],
    gone: [],
    refused: [],
    unsaid: { full: true, changed: new Set(), gone: [], refused: [] },
    seen: new Set(),
    spokeAtMs: undefined,
  };
}

/** Release images are in the registry with the commit they were built from. */
export function addRelease(state: State, commit: Commit): Digest {
  const { component } = state.founding.fleet;
  const digest = releaseDigest(component, commit);
  state.images.set(digest, { digest, component, commit });
  state.record.released.add(digest);
  return digest;
}

export function addPlane(state: State, facts: PlaneFacts): void {
  const plane: Plane = {
    ...facts,
    override: undefined,
    digest: facts.release,
    rollout: 0,
    rollingTo: undefined,
    stay: 0,
    known: new Set([facts.release]),
    ailments: {},
    sickUntilMs: 0,
    lostUntilMs: 0,
    heldUntilMs: 0,
    upgrading: undefined,
    sequence: 0,
    luck: stream(state.founding.fleet.seed, 'fate', facts.uid),
  };
  state.planes.set(plane.uid, plane);
  state.names.set(plane.name, plane.uid);
  state.clusters.get(plane.managementCluster)!.planes.add(plane.uid);
  state.record.ran.push({ uid: plane.uid, digest: facts.release, at: nowOf(state) });
  touch(state, plane);
  scheduleFate(state, plane);
}

export function dropPlane(state: State, plane: Plane): void {
  const cluster = clusterOf(state, plane);
  state.planes.delete(plane.uid);
  state.names.delete(plane.name);
  state.deleted.add(plane.uid);
  cluster.planes.delete(plane.uid);
  cluster.unsaid.changed.delete(plane.uid);
  cluster.unsaid.gone.push(plane.uid);
  remember(cluster.gone, plane.uid);
}

/** Notes an order that was not carried out, for the agent to report. */
export function noteRefusal(cluster: Cluster, refused: RefusedOrder): void {
  cluster.unsaid.refused.push(refused);
  remember(cluster.refused, refused);
}

function remember<T>(list: T[], item: T): void {
  list.push(item);
  if (list.length > REMEMBERED) list.shift();
}

export const nowOf = (state: State): Instant => plus(state.founding.epoch, state.nowMs);
export const clusterOf = (state: State, plane: Plane): Cluster =>
  state.clusters.get(plane.managementCluster)!;
/** What it should run, by its lever and its release. */
export const wantedOf = (plane: Plane): Digest => plane.override ?? plane.release;
export const isLost = (state: State, plane: Plane): boolean => state.nowMs < plane.lostUntilMs;
export const isHeld = (state: State, plane: Plane): boolean => state.nowMs < plane.heldUntilMs;
export const isSilentNow = (state: State, cluster: Cluster): boolean => state.nowMs < cluster.silentUntilMs;

/** Its agent has something to say about it. */
export function touch(state: State, plane: Plane): void {
  clusterOf(state, plane).unsaid.changed.add(plane.uid);
}

export function later(state: State, afterMs: Ms, happening: Happening): void {
  if (afterMs < Number.POSITIVE_INFINITY) state.queue.push(state.nowMs + afterMs, happening);
}

/** All that can befall a control plane by itself, as one Poisson process: one entry in the queue a plane. */
function fatesPerHour(state: State): number {
  const { nature } = state.founding;
  return (
    nature.sickPerPlaneHour +
    nature.lostPerPlaneHour +
    nature.deletedPerPlaneHour +
    nature.upgradedPerPlaneHour
  );
}

export function scheduleFate(state: State, plane: Plane): void {
  later(state, exponentialMs(plane.luck, fatesPerHour(state)), { kind: 'fate', uid: plane.uid });
}

export function scheduleSilence(state: State, cluster: Cluster): void {
  const { silentPerClusterHour } = state.founding.nature;
  later(state, exponentialMs(cluster.luck, silentPerClusterHour), {
    kind: 'fall silent',
    cluster: cluster.name,
  });
}

export function scheduleArrival(state: State): void {
  const { nature, fleet } = state.founding;
  later(state, exponentialMs(state.arrivals, nature.createdPerPlaneHour * fleet.planes), { kind: 'arrive' });
}
