import {
  type ControlPlaneComponent,
  controlPlaneNamespace,
  type Hosted,
  type HostedCluster,
  type Meta,
  type NodePool,
  type Pod,
  type Workload,
  type WorkloadKind,
} from '../core/hypershift/objects.ts';
import { clusterOf, componentOf, podOf, poolOf, workloadOf } from './projections.ts';

/** What the API server has, kept current by whoever follows it; only what judging needs, so that thousands fit. */
export type Mirror = {
  readonly kinds: readonly Kind[];
  /** Whether every kind has been listed once. */
  isWhole(): boolean;
  /** Kinds that cannot be followed now, and why. */
  troubles(): readonly string[];
  uids(): readonly string[];
  hosted(uid: string): Hosted | undefined;
  /** Whether there was a hosted cluster of this uid that is gone; known of this run alone. */
  isGone(uid: string): boolean;
  /** Takes who changed since the last call, those that are gone among them. */
  changed(): readonly string[];
  /** Every hosted cluster counts as changed. */
  touchAll(): void;
};

/** One kind to be followed, and what is done with what is seen of it. */
export type Kind = {
  readonly resource: { readonly api: string; readonly plural: string; readonly labelSelector?: string };
  readonly keep: (object: unknown) => { readonly metadata: Meta } | undefined;
  readonly onSynced: (all: ReadonlyMap<string, { readonly metadata: Meta }>) => void;
  readonly onChanged: (object: { readonly metadata: Meta }, uid: string) => void;
  readonly onGone: (uid: string) => void;
  readonly onTrouble: (because: string) => void;
};

const HYPERSHIFT = '/apis/hypershift.openshift.io/v1beta1';
const APPS = '/apis/apps/v1';
/** Every pod of a hosted control plane carries it. */
const OF_CONTROL_PLANES = 'hypershift.openshift.io/hosted-control-plane';

type Kept = { readonly metadata: Meta };

/** By uid, and by namespace, since that is how objects belong together. */
class Shelf<T extends Kept> {
  readonly byUid = new Map<string, T>();
  readonly #byNamespace = new Map<string, Map<string, T>>();

  put(object: T): void {
    const { uid, namespace } = object.metadata;
    this.byUid.set(uid, object);
    const there = this.#byNamespace.get(namespace) ?? new Map<string, T>();
    this.#byNamespace.set(namespace, there.set(uid, object));
  }

  take(uid: string): T | undefined {
    const object = this.byUid.get(uid);
    if (object === undefined) return undefined;
    this.byUid.delete(uid);
    const { namespace } = object.metadata;
    const there = this.#byNamespace.get(namespace);
    there?.delete(uid);
    if (there?.size === 0) this.#byNamespace.delete(namespace);
    return object;
  }

  in(namespace: string): readonly T[] {
    return [...(this.#byNamespace.get(namespace)?.values() ?? [])];
  }
}

export function createMirror(): Mirror {
  const clusters = new Shelf<HostedCluster & Kept>();
  const nodePools = new Shelf<NodePool & Kept>();
  const components = new Shelf<ControlPlaneComponent & Kept>();
  const workloads = new Shelf<Workload & Kept>();
  const pods = new Shelf<Pod & Kept>();
  /** The hosted cluster whose control plane lives in a namespace. */
  const owners = new Map<string, string>();
  const dirty = new Set<string>();
  const gone = new Set<string>();
  const unlisted = new Set<string>();
  const troubles = new Map<string, string>();

  const touchOwner = (namespace: string) => {
    const uid = owners.get(namespace);
    if (uid !== undefined) dirty.add(uid);
  };
  const touchCluster = ({ metadata }: Kept) => {
    owners.set(controlPlaneNamespace(metadata), metadata.uid);
    dirty.add(metadata.uid);
  };
  const forgetCluster = ({ metadata }: Kept) => {
    const namespace = controlPlaneNamespace(metadata);
    if (owners.get(namespace) === metadata.uid) owners.delete(namespace);
    dirty.add(metadata.uid);
    gone.add(metadata.uid);
  };
  const touchPoolOwner = (pool: NodePool & Kept) => {
    const { namespace } = pool.metadata;
    const name = pool.spec?.clusterName;
    if (name !== undefined) touchOwner(controlPlaneNamespace({ name, namespace }));
  };

  const kindOf = <T extends Kept>(
    resource: Kind['resource'],
    it: {
      readonly shelf: Shelf<T>;
      readonly keep: (object: T) => T | undefined;
      readonly touch: (object: T) => void;
      readonly forget: (object: T) => void;
      readonly mine?: (object: T) => boolean;
    },
  ): Kind => {
    const { plural } = resource;
    const { shelf, mine = () => true } = it;
    unlisted.add(plural);
    const put = (object: T) => {
      troubles.delete(plural);
      shelf.put(object);
      it.touch(object);
    };
    const drop = (uid: string) => {
      const object = shelf.take(uid);
      if (object !== undefined) it.forget(object);
    };
    return {
      resource,
      keep: (object) => it.keep(object as T),
      onSynced: (all) => {
        troubles.delete(plural);
        for (const [uid, object] of shelf.byUid) if (mine(object) && !all.has(uid)) drop(uid);
        for (const object of all.values()) put(object as T);
        unlisted.delete(plural);
      },
      onChanged: (object) => put(object as T),
      onGone: (uid) => {
        troubles.delete(plural);
        drop(uid);
      },
      onTrouble: (because) => void troubles.set(plural, because),
    };
  };

  const inControlPlane = <T extends Kept>(shelf: Shelf<T>, keep: (object: T) => T) => {
    const touch = (object: T) => touchOwner(object.metadata.namespace);
    return { shelf, keep, touch, forget: touch };
  };
  const workloadKind = (kind: WorkloadKind, plural: string): Kind =>
    kindOf<Workload & Kept>(
      { api: APPS, plural },
      { ...inControlPlane(workloads, (w) => workloadOf(kind, w)), mine: (w) => w.kind === kind },
    );

  const kinds = [
    kindOf(
      { api: HYPERSHIFT, plural: 'hostedclusters' },
      { shelf: clusters, keep: clusterOf, touch: touchCluster, forget: forgetCluster },
    ),
    kindOf(
      { api: HYPERSHIFT, plural: 'nodepools' },
      { shelf: nodePools, keep: poolOf, touch: touchPoolOwner, forget: touchPoolOwner },
    ),
    kindOf({ api: HYPERSHIFT, plural: 'controlplanecomponents' }, inControlPlane(components, componentOf)),
    workloadKind('Deployment', 'deployments'),
    workloadKind('StatefulSet', 'statefulsets'),
    workloadKind('DaemonSet', 'daemonsets'),
    kindOf({ api: '/api/v1', plural: 'pods', labelSelector: OF_CONTROL_PLANES }, inControlPlane(pods, podOf)),
  ];

  return {
    kinds,
    isWhole: () => unlisted.size === 0,
    troubles: () => [...troubles].map(([plural, because]) => `${plural}: ${because}`),
    uids: () => [...clusters.byUid.keys()],
    hosted(uid) {
      const cluster = clusters.byUid.get(uid);
      if (cluster === undefined) return undefined;
      const namespace = controlPlaneNamespace(cluster.metadata);
      const pools = nodePools.in(cluster.metadata.namespace);
      return {
        cluster,
        nodePools: pools.filter((p) => p.spec?.clusterName === cluster.metadata.name),
        components: components.in(namespace),
        workloads: workloads.in(namespace),
        pods: pods.in(namespace),
      };
    },
    isGone: (uid) => gone.has(uid),
    changed() {
      const uids = [...dirty];
      dirty.clear();
      return uids;
    },
    touchAll() {
      for (const uid of clusters.byUid.keys()) dirty.add(uid);
    },
  };
}
