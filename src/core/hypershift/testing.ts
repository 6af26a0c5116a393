import type { Digest } from '../base/ids.ts';
import type { Look } from './memory.ts';
import type { Condition, Hosted, HostedCluster, Meta, NodePool, Pod, Workload } from './objects.ts';
import type { AgentSettings, ComponentSettings } from './settings.ts';

// Small hosted clusters for tests: what HyperShift shows of them, cut down to what is read.

export const digestOf = (hex: string): Digest => `sha256:${hex.repeat(64).slice(0, 64)}`;
/** The release's image, the fix's, a later one. */
export const [OLD, NEW, LATER] = [digestOf('a1'), digestOf('b2'), digestOf('c3')];
/** What NEW is on one platform. */
export const NEW_AMD64 = digestOf('d4');

export const PAYLOAD = 'quay.io/openshift-release-dev/ocp-v4.0-art-dev';
export const REPOSITORY = 'registry.example/fixes/control-plane-operator';
export const NOW_MS = Date.parse('2026-08-22T12:00:00.000Z');
export const ago = (ms: number): string => new Date(NOW_MS - ms).toISOString();
export const look: Look = {
  nowMs: NOW_MS,
  sameImage: (digest) => (digest === NEW_AMD64 ? NEW : digest),
};

export const CPO: ComponentSettings = {
  name: 'control-plane-operator',
  lever: 'annotation',
  repository: REPOSITORY,
};
export const CNO: ComponentSettings = {
  name: 'network-operator',
  lever: 'image-overrides',
  repository: 'registry.example/fixes/network-operator',
  payloadName: 'cluster-network-operator',
};
export const SETTINGS: AgentSettings = {
  managementCluster: 'mc-1',
  region: 'us-east-1',
  sector: 'canary',
  components: [CPO],
  labels: { customer: 'api.openshift.com/customer' },
};

const NAMESPACE = 'ocm-prod-abc';
const CONTROL_PLANE = 'ocm-prod-abc-hc1';
const RELEASE = 'quay.io/openshift-release-dev/ocp-release:4.19.11-multi';

type ClusterParts = {
  readonly metadata?: Partial<Meta>;
  readonly spec?: Partial<NonNullable<HostedCluster['spec']>>;
  readonly status?: Partial<NonNullable<HostedCluster['status']>>;
};

/** A healthy highly available hosted cluster on 4.19.11, but for the parts given. */
export const clusterWith = (parts: ClusterParts = {}): HostedCluster => ({
  metadata: {
    name: 'hc1',
    namespace: NAMESPACE,
    uid: 'uid-1',
    resourceVersion: '7001',
    generation: 1,
    ...parts.metadata,
  },
  spec: {
    release: { image: RELEASE },
    platform: { type: 'AWS', aws: { endpointAccess: 'Public' } },
    controllerAvailabilityPolicy: 'HighlyAvailable',
    ...parts.spec,
  },
  status: {
    conditions: [condition('Available', 'True'), condition('EtcdAvailable', 'True')],
    version: { history: [{ state: 'Completed', version: '4.19.11', image: RELEASE }] },
    controlPlaneEndpoint: { host: 'api.hc1.example.com', port: 443 },
    ...parts.status,
  },
});

export const condition = (
  type: string,
  status: Condition['status'],
  more: Partial<Condition> = {},
): Condition => ({ type, status, lastTransitionTime: ago(60_000), ...more });

/** `kind/name` and the images of its containers, by container. */
export function workloadOf(
  [kind, name]: readonly [Workload['kind'], string],
  images: Readonly<Record<string, string>>,
  more: { readonly replicas?: number; readonly status?: Partial<NonNullable<Workload['status']>> } = {},
): Workload {
  const { replicas = 1 } = more;
  const containers = Object.entries(images).map(([container, image]) => ({ name: container, image }));
  return {
    kind,
    metadata: { name, namespace: CONTROL_PLANE, uid: `uid-${name}`, generation: 2, resourceVersion: '8001' },
    spec: { replicas, template: { spec: { containers } } },
    status: {
      observedGeneration: 2,
      replicas,
      updatedReplicas: replicas,
      readyReplicas: replicas,
      availableReplicas: replicas,
      unavailableReplicas: 0,
      ...more.status,
    },
  };
}

/** A pod of a workload, running what its template says, or other imageIDs by container. */
export function podOf(
  workload: Workload,
  imageIds: Readonly<Record<string, string | undefined>> = {},
  index = 0,
): Pod {
  const containers = workload.spec?.template?.spec?.containers ?? [];
  return {
    metadata: {
      name: `${workload.metadata.name}-${index}`,
      namespace: CONTROL_PLANE,
      uid: `uid-${workload.metadata.name}-${index}`,
      creationTimestamp: ago(3_600_000),
      ownerReferences: [
        workload.kind === 'Deployment'
          ? { kind: 'ReplicaSet', name: `${workload.metadata.name}-5f6b`, uid: 'uid-rs' }
          : { kind: workload.kind, name: workload.metadata.name, uid: workload.metadata.uid },
      ],
    },
    spec: { containers },
    status: {
      phase: 'Running',
      containerStatuses: containers.map(({ name, image = '' }) => {
        const imageID = name in imageIds ? imageIds[name] : image;
        return { name, image, ready: true, ...(imageID !== undefined && { imageID }) };
      }),
    },
  };
}

export type Images = {
  /** Of the control-plane-operator itself, and of its image in kube-apiserver and etcd. */
  readonly operator?: string;
  readonly apiserver?: string;
  readonly etcd?: string;
};

/** A control plane of three workloads that hold the operator's image, and one that does not. */
export function workloadsOf({ operator, apiserver, etcd }: Images = {}): Workload[] {
  const old = `${PAYLOAD}@${OLD}`;
  const other = `${PAYLOAD}@${digestOf('ee')}`;
  return [
    workloadOf(['Deployment', 'control-plane-operator'], { 'control-plane-operator': operator ?? old }),
    workloadOf(
      ['Deployment', 'kube-apiserver'],
      { 'kube-apiserver': other, bootstrap: apiserver ?? old },
      { replicas: 3 },
    ),
    workloadOf(['StatefulSet', 'etcd'], { etcd: other, 'ensure-dns': etcd ?? old }, { replicas: 3 }),
    workloadOf(['Deployment', 'kube-scheduler'], { 'kube-scheduler': other }),
  ];
}

/** As many pods as each is to have. */
export const podsOf = (
  workloads: readonly Workload[],
  imageIds: Readonly<Record<string, string | undefined>> = {},
): Pod[] =>
  workloads.flatMap((w) => Array.from({ length: w.spec?.replicas ?? 1 }, (_, at) => podOf(w, imageIds, at)));

export function hostedWith(parts: Partial<Hosted> & { readonly images?: Images } = {}): Hosted {
  const workloads = parts.workloads ?? workloadsOf(parts.images);
  return {
    cluster: parts.cluster ?? clusterWith(),
    nodePools: parts.nodePools ?? [],
    components: parts.components ?? [],
    workloads,
    pods: parts.pods ?? podsOf(workloads),
    ...(parts.secretNames && { secretNames: parts.secretNames }),
  };
}

export const withAnnotations = (
  annotations: Readonly<Record<string, string>>,
  more: Partial<Meta> = {},
): HostedCluster => clusterWith({ metadata: { annotations, ...more } });

/** managedFields in which these managers own these annotations. */
export const ownedBy = (
  owners: readonly (readonly [manager: string, operation: string, ...keys: string[]])[],
): NonNullable<Meta['managedFields']> =>
  owners.map(([manager, operation, ...keys]) => ({
    manager,
    operation,
    fieldsV1: {
      'f:metadata': { 'f:annotations': Object.fromEntries(keys.map((key) => [`f:${key}`, {}])) },
    },
  }));

export const poolWith = (
  name: string,
  parts: {
    readonly metadata?: Partial<Meta>;
    readonly spec?: NodePool['spec'];
    readonly status?: NodePool['status'];
  } = {},
): NodePool => ({
  metadata: { name, namespace: NAMESPACE, uid: `uid-${name}`, generation: 1, ...parts.metadata },
  ...(parts.spec && { spec: parts.spec }),
  ...(parts.status && { status: parts.status }),
});
