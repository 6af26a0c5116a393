import { CPO_NAME, HELPER_IMAGES } from '../../core/hypershift/family.ts';
import {
  type Condition,
  type Container,
  type ContainerStatus,
  type ControlPlaneComponent,
  type HostedCluster,
  type ManagedFields,
  type Meta,
  type NodePool,
  type Pod,
  RELEASE_IMAGE,
  type VersionEntry,
  type Workload,
} from '../../core/hypershift/objects.ts';
import type { Share } from './share.ts';

// What of an object is kept: what is judged by, and nothing else. A management cluster holds hundreds of thousands of them, so
// what many say alike is kept once (`share`), and what is of no account is left out: messages, most times, what is well.

/** For who looks at one object and keeps none. */
const NOT_SHARED: Share = (value) => value;

/** What `kubectl apply` writes: the whole object once more. */
const LAST_APPLIED = 'kubectl.kubernetes.io/last-applied-configuration';

/** Those members of an object that are there. */
function pick<T extends object, K extends keyof T>(
  from: T | undefined,
  ...keys: readonly K[]
): Partial<Pick<T, K>> {
  const there = keys.filter((key) => from?.[key] !== undefined);
  return Object.fromEntries(there.map((key) => [key, from![key]])) as Partial<Pick<T, K>>;
}

const annotationsOf = (
  annotations: Meta['annotations'],
  isRead: (key: string) => boolean,
): Pick<Meta, 'annotations'> => {
  const read = Object.entries(annotations ?? {}).filter(([key]) => isRead(key));
  return read.length === 0 ? {} : { annotations: Object.fromEntries(read) };
};

const metaOf = (meta: Meta): Meta => ({
  ...identityOf(meta, NOT_SHARED),
  ...pick(meta, 'generation', 'labels', 'deletionTimestamp'),
  ...annotationsOf(meta.annotations, (key) => key !== LAST_APPLIED),
});

/** Whatever else is left out: which object it is. */
const identityOf = ({ name, namespace, uid }: Meta, share: Share): Meta => ({
  name,
  namespace: share(namespace),
  uid,
});

/** With its resourceVersion, which a write must name, and with who owns which annotation. */
export function clusterOf({ metadata, spec, status }: HostedCluster, share = NOT_SHARED): HostedCluster {
  const proxy = spec?.configuration?.proxy;
  return {
    metadata: {
      ...metaOf(metadata),
      ...pick(metadata, 'resourceVersion'),
      managedFields: share((metadata.managedFields ?? []).flatMap(annotationOwners)),
    },
    spec: share({
      ...pick(
        spec,
        'release',
        'controlPlaneRelease',
        'platform',
        'controllerAvailabilityPolicy',
        'pausedUntil',
        'networking',
      ),
      ...(proxy && { configuration: { proxy: pick(proxy, 'httpsProxy', 'noProxy') } }),
    }),
    status: {
      ...pick(status, 'controlPlaneEndpoint'),
      ...(status?.conditions && { conditions: lastingConditionsOf(status.conditions, share) }),
      ...(status?.controlPlaneVersion && {
        controlPlaneVersion: historyOf(status.controlPlaneVersion, share),
      }),
      ...(status?.version && {
        version: { ...pick(status.version, 'desired'), ...historyOf(status.version, share) },
      }),
    },
  };
}

type History = { readonly history?: readonly VersionEntry[] };

/** Newest first; what was before the one that was completed last is of no account. */
function historyOf({ history }: History, share: Share): History {
  if (history === undefined) return {};
  const completed = history.findIndex(({ state }) => state === 'Completed');
  const recent = completed < 0 ? history : history.slice(0, completed + 1);
  return share({ history: recent.map((entry) => pick(entry, 'state', 'version', 'image')) });
}

/** What is told of a condition, and since when. */
const lastingConditionsOf = (all: readonly Condition[], share: Share): Condition[] =>
  all.map(({ type, status, reason, lastTransitionTime }) => ({
    type: share(type),
    status,
    ...(reason !== undefined && { reason: share(reason) }),
    ...(lastTransitionTime !== undefined && { lastTransitionTime }),
  }));

/** Where only whether it is so is asked. */
const plainConditions = (all: readonly Condition[] = []): Condition[] =>
  all.map(({ type, status }) => ({ type, status }));

function annotationOwners(owner: ManagedFields): ManagedFields[] {
  type Fields = { readonly 'f:metadata'?: { readonly 'f:annotations'?: unknown } };
  const owned = (owner.fieldsV1 as Fields | undefined)?.['f:metadata']?.['f:annotations'];
  if (owned === undefined) return [];
  return [{ ...pick(owner, 'manager', 'operation'), fieldsV1: { 'f:metadata': { 'f:annotations': owned } } }];
}

const OF_POOLS = 'hypershift.openshift.io/nodePoolCurrentConfig';

export const poolOf = ({ metadata, spec, status }: NodePool, share = NOT_SHARED): NodePool => ({
  metadata: {
    ...identityOf(metadata, share),
    ...pick(metadata, 'generation'),
    ...annotationsOf(metadata.annotations, (key) => key.startsWith(OF_POOLS)),
  },
  spec: pick(spec, 'clusterName', 'release', 'pausedUntil'),
  status: share({ ...pick(status, 'version'), conditions: plainConditions(status?.conditions) }),
});

export const componentOf = (
  { metadata, status }: ControlPlaneComponent,
  share = NOT_SHARED,
): ControlPlaneComponent => ({
  metadata: { ...identityOf(metadata, share), name: share(metadata.name) },
  status: share({ conditions: plainConditions(status?.conditions) }),
});

/** `whole`: it may be written to, so its resourceVersion and who owns its fields are kept as well. */
export function workloadOf(
  { kind, metadata, spec, status }: Workload,
  { whole, share = NOT_SHARED }: { readonly whole: boolean; readonly share?: Share },
): Workload {
  const { metadata: meta, spec: template } = spec?.template ?? {};
  // The rest of a template's annotations is hashes of what it was made from.
  const release = meta?.annotations?.[RELEASE_IMAGE];
  const { name, namespace, uid, generation } = metadata;
  return {
    kind,
    metadata: whole
      ? { ...metaOf(metadata), ...pick(metadata, 'resourceVersion', 'managedFields') }
      : // Spelled out, since every member that is added afterwards takes twice the room.
        generation === undefined
        ? { name: share(name), namespace: share(namespace), uid }
        : { name: share(name), namespace: share(namespace), uid, generation },
    spec: share({
      ...pick(spec, 'replicas'),
      ...(whole && pick(spec, 'selector')),
      template: {
        ...(release !== undefined && { metadata: { annotations: { [RELEASE_IMAGE]: release } } }),
        spec: {
          containers: templatesOf(template?.containers),
          initContainers: containersOf(template?.initContainers),
        },
      },
    }),
    status: share(
      pick(
        status,
        'observedGeneration',
        'replicas',
        'updatedReplicas',
        'readyReplicas',
        'availableReplicas',
        'unavailableReplicas',
        'desiredNumberScheduled',
        'updatedNumberScheduled',
        'numberReady',
        'numberUnavailable',
      ),
    ),
  };
}

/**
 * `labelled`: workloads are found by them. When it was made is kept while a container waits, and of its conditions those that are not
 * so: only then it matters since when.
 */
export function podOf(
  { metadata, spec, status }: Pod,
  { labelled, share = NOT_SHARED }: { readonly labelled: boolean; readonly share?: Share },
): Pod {
  const { name, namespace, uid, labels, creationTimestamp } = metadata;
  const states = [...(status?.initContainerStatuses ?? []), ...(status?.containerStatuses ?? [])];
  const waits = states.some(({ state }) => state?.waiting !== undefined);
  const seldom = {
    ...(labelled && labels !== undefined && { labels: share(labels) }),
    ...(waits && creationTimestamp !== undefined && { creationTimestamp }),
  };
  const owners = (metadata.ownerReferences ?? []).map((owner) => ({
    kind: owner.kind,
    name: owner.name,
    uid: owner.uid,
  }));
  const usual = { name, namespace: share(namespace), uid, ownerReferences: share(owners) };
  return {
    metadata: Object.keys(seldom).length === 0 ? usual : { ...usual, ...seldom },
    spec: share({
      containers: containersOf(spec?.containers),
      initContainers: containersOf(spec?.initContainers),
    }),
    status: share({
      ...pick(status, 'phase'),
      conditions: (status?.conditions ?? []).flatMap(lasting),
      containerStatuses: statusesOf(status?.containerStatuses),
      initContainerStatuses: statusesOf(status?.initContainerStatuses),
    }),
  };
}

const lasting = (condition: Condition): Condition[] =>
  condition.status === 'True'
    ? []
    : [{ type: condition.type, status: condition.status, ...pick(condition, 'lastTransitionTime') }];

const containersOf = (all: readonly Container[] | undefined): readonly Container[] =>
  (all ?? []).map((one) => ({ name: one.name, ...pick(one, 'image') }));

/** Those of a template; of the control-plane-operator also the images that its helpers get, where they are others than its own. */
const templatesOf = (all: readonly Container[] | undefined): readonly Container[] =>
  containersOf(all).map((kept, at) => {
    const others = (all![at]!.env ?? []).filter(
      ({ name, value }) => HELPER_IMAGES.includes(name) && value !== kept.image,
    );
    return kept.name !== CPO_NAME || others.length === 0
      ? kept
      : { ...kept, env: others.map(({ name, value = '' }) => ({ name, value })) };
  });

const statusesOf = (all: readonly ContainerStatus[] | undefined): readonly ContainerStatus[] =>
  (all ?? []).map((one) => ({
    name: one.name,
    ...pick(one, 'imageID'),
    ...(one.state?.waiting && { state: { waiting: pick(one.state.waiting, 'reason') } }),
  }));
