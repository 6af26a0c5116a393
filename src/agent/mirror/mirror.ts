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
} from '../../core/hypershift/objects.ts';
import type { ComponentSettings } from '../../core/hypershift/settings.ts';
import { createKinds, type Kind } from './kinds.ts';
import { clusterOf, componentOf, podOf, poolOf, workloadOf } from './projections.ts';
import { createShare } from './share.ts';
import { type Kept, Shelf } from './shelf.ts';

export type OwnWorkload = {
  readonly workload: Workload;
  readonly pods: readonly Pod[];
  readonly component: ComponentSettings;
};

/** What the API server has, kept current by whoever follows it; only what judging needs, so that thousands fit. */
export type Mirror = {
  readonly kinds: readonly Kind[];
  /** Whether every kind has been listed once. */
  isWhole(): boolean;
  /** Kinds that could not be followed for a while now, and why. */
  troubles(): readonly string[];
  uids(): readonly string[];
  hosted(uid: string): Hosted | undefined;
  /** A workload that is a target of its own, with its pods and the component it is. */
  workload(uid: string): OwnWorkload | undefined;
  /** Whether there was a target of this uid that is gone; known of this run alone. */
  isGone(uid: string): boolean;
  /** Takes which targets changed since the last call, those that are gone among them. */
  changed(): readonly string[];
  /** Every target counts as changed. */
  touchAll(): void;
};

const HYPERSHIFT = '/apis/hypershift.openshift.io/v1beta1';
const APPS = '/apis/apps/v1';
/** Every pod of a hosted control plane carries it. */
const OF_CONTROL_PLANES = 'hypershift.openshift.io/hosted-control-plane';

/** A hosted cluster, and the node pools that name it: never by the namespace of its control plane, which two names may give. */
const clusterKey = ({ namespace, name }: Pick<Meta, 'namespace' | 'name'>): string => `${namespace}/${name}`;
const clusterKeyOf = ({ metadata: { namespace }, spec }: NodePool): string =>
  clusterKey({ namespace, name: spec?.clusterName ?? '' });

/** `elapsedMs`: rises steadily. */
export function createMirror(
  settings: { readonly components: readonly ComponentSettings[] },
  elapsedMs: () => number,
): Mirror {
  const own = settings.components.filter((c) => c.lever === 'workload-image');
  const clusters = new Shelf<HostedCluster & Kept>();
  const nodePools = new Shelf<NodePool & Kept>(clusterKeyOf);
  const components = new Shelf<ControlPlaneComponent & Kept>();
  const workloads = new Shelf<Workload & Kept>();
  const pods = new Shelf<Pod & Kept>();
  /** Those that bear no label of a control plane. */
  const ownPods = new Shelf<Pod & Kept>();
  /** The hosted cluster whose control plane lives in a namespace. */
  const owners = new Map<string, string>();
  const dirty = new Set<string>();
  const gone = new Set<string>();
  const { kindOf, isWhole, troubles } = createKinds(elapsedMs);
  const share = createShare();
  const isRunning = (object: Kept) => owners.has(object.metadata.namespace);

  const componentFor = ({ kind, metadata }: Workload): ComponentSettings | undefined =>
    own.find(({ workload: named }) => {
      if (named === undefined || named.kind !== kind || named.name !== metadata.name) return false;
      return named.namespace === undefined ? isRunning({ metadata }) : named.namespace === metadata.namespace;
    });
  const isNamed = ({ kind, metadata }: Workload) =>
    own.some((c) => c.workload?.kind === kind && c.workload.name === metadata.name);
  const podsIn = (namespace: string) => [...pods.in(namespace), ...ownPods.in(namespace)];
  /** Pods belong to the workload whose selector they match; those of one namespace are few. */
  const podsOf = ({ metadata, spec }: Workload): readonly Pod[] => {
    const labels = Object.entries(spec?.selector?.matchLabels ?? {});
    if (labels.length === 0) return [];
    return podsIn(metadata.namespace).filter((p) => labels.every(([k, v]) => p.metadata.labels?.[k] === v));
  };
  const touchOwn = (namespace: string) => {
    if (own.length === 0) return;
    for (const workload of workloads.in(namespace))
      if (componentFor(workload)) dirty.add(workload.metadata.uid);
  };

  const touchOwner = (namespace: string) => {
    const uid = owners.get(namespace);
    if (uid !== undefined) dirty.add(uid);
    touchOwn(namespace);
  };
  const touchCluster = ({ metadata }: Kept) => {
    const namespace = controlPlaneNamespace(metadata);
    if (owners.get(namespace) !== metadata.uid) owners.set(namespace, metadata.uid);
    dirty.add(metadata.uid);
    touchOwn(namespace);
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

  const inControlPlane = <T extends Kept>(shelf: Shelf<T>, keep: (object: T) => T | undefined) => {
    const touch = (object: T) => touchOwner(object.metadata.namespace);
    return { shelf, keep, touch, forget: touch };
  };
  const workloadKind = (kind: WorkloadKind, plural: string): Kind =>
    kindOf<Workload & Kept>(
      { api: APPS, plural },
      {
        ...inControlPlane(workloads, (w) =>
          workloadOf({ ...w, kind }, { whole: isNamed({ ...w, kind }), share }),
        ),
        mine: (w) => w.kind === kind,
        forget: (w) => {
          touchOwner(w.metadata.namespace);
          if (componentFor(w) === undefined) return;
          dirty.add(w.metadata.uid);
          gone.add(w.metadata.uid);
        },
      },
    );
  /** Namespaces of the management cluster in which workloads are targets; their pods bear no label of a control plane. */
  const ownNamespaces = [...new Set(own.flatMap((c) => c.workload?.namespace ?? []))];
  const isOfControlPlane = (pod: Pod) => pod.metadata.labels?.[OF_CONTROL_PLANES] !== undefined;
  /** Whether pods may be those of a workload that is a target, which is told by their labels. */
  const isLabelled = ({ metadata }: Pod) =>
    own.some(
      (c) => c.workload !== undefined && (c.workload.namespace ?? metadata.namespace) === metadata.namespace,
    );

  const kinds = [
    kindOf(
      { api: HYPERSHIFT, plural: 'hostedclusters' },
      { shelf: clusters, keep: (c) => clusterOf(c, share), touch: touchCluster, forget: forgetCluster },
    ),
    kindOf(
      { api: HYPERSHIFT, plural: 'nodepools' },
      { shelf: nodePools, keep: (p) => poolOf(p, share), touch: touchPoolOwner, forget: touchPoolOwner },
    ),
    kindOf(
      { api: HYPERSHIFT, plural: 'controlplanecomponents' },
      inControlPlane(components, (c) => componentOf(c, share)),
    ),
    workloadKind('Deployment', 'deployments'),
    workloadKind('StatefulSet', 'statefulsets'),
    workloadKind('DaemonSet', 'daemonsets'),
    kindOf(
      { api: '/api/v1', plural: 'pods', labelSelector: OF_CONTROL_PLANES },
      inControlPlane(pods, (p) => podOf(p, { labelled: isLabelled(p), share })),
    ),
    ...ownNamespaces.map((namespace) =>
      kindOf<Pod & Kept>(
        { api: `/api/v1/namespaces/${namespace}`, plural: 'pods' },
        {
          ...inControlPlane(ownPods, (p) =>
            isOfControlPlane(p) ? undefined : podOf(p, { labelled: true, share }),
          ),
          mine: (pod) => pod.metadata.namespace === namespace,
        },
      ),
    ),
  ];

  const ownUids = () =>
    own.length === 0 ? [] : [...workloads.byUid.values()].filter(componentFor).map((w) => w.metadata.uid);

  return {
    kinds,
    isWhole,
    troubles,
    uids: () => [...clusters.byUid.keys(), ...ownUids()],
    hosted(uid) {
      const cluster = clusters.byUid.get(uid);
      if (cluster === undefined) return undefined;
      const namespace = controlPlaneNamespace(cluster.metadata);
      return {
        cluster,
        nodePools: nodePools.in(clusterKey(cluster.metadata)),
        components: components.in(namespace),
        workloads: workloads.in(namespace),
        pods: podsIn(namespace),
      };
    },
    workload(uid) {
      const workload = workloads.byUid.get(uid);
      const component = workload && componentFor(workload);
      return workload && component && { workload, pods: podsOf(workload), component };
    },
    isGone: (uid) => gone.has(uid),
    changed() {
      const uids = [...dirty];
      dirty.clear();
      return uids;
    },
    touchAll() {
      for (const uid of [...clusters.byUid.keys(), ...ownUids()]) dirty.add(uid);
    },
  };
}
