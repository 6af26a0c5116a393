import {
  type Container,
  type ContainerStatus,
  type ControlPlaneComponent,
  type HostedCluster,
  type ManagedFields,
  type Meta,
  type NodePool,
  type Pod,
  RELEASE_IMAGE,
  type Workload,
} from '../core/hypershift/objects.ts';

// What of an object is kept: what is judged by, and nothing else. A management cluster holds ten thousands of them.

/** Those members of an object that are there. */
function pick<T extends object, K extends keyof T>(
  from: T | undefined,
  ...keys: readonly K[]
): Partial<Pick<T, K>> {
  const there = keys.filter((key) => from?.[key] !== undefined);
  return Object.fromEntries(there.map((key) => [key, from![key]])) as Partial<Pick<T, K>>;
}

const metaOf = <T extends Meta>(meta: T): T =>
  pick<Meta, keyof Meta>(
    meta,
    'name',
    'namespace',
    'uid',
    'generation',
    'labels',
    'annotations',
    'deletionTimestamp',
    'creationTimestamp',
  ) as T;

/** With its resourceVersion, which a write must name, and with who owns which annotation. */
export function clusterOf({ metadata, spec, status }: HostedCluster): HostedCluster {
  const proxy = spec?.configuration?.proxy;
  return {
    metadata: {
      ...metaOf(metadata),
      ...pick(metadata, 'resourceVersion'),
      managedFields: (metadata.managedFields ?? []).flatMap(annotationOwners),
    },
    spec: {
      ...pick(
        spec,
        'release',
        'controlPlaneRelease',
        'clusterID',
        'platform',
        'controllerAvailabilityPolicy',
        'pausedUntil',
        'networking',
      ),
      ...(proxy && { configuration: { proxy: pick(proxy, 'httpsProxy', 'noProxy') } }),
    },
    status: {
      ...pick(status, 'conditions', 'controlPlaneVersion', 'controlPlaneEndpoint'),
      ...(status?.version && { version: pick(status.version, 'desired', 'history') }),
    },
  };
}

function annotationOwners(owner: ManagedFields): ManagedFields[] {
  type Fields = { readonly 'f:metadata'?: { readonly 'f:annotations'?: unknown } };
  const owned = (owner.fieldsV1 as Fields | undefined)?.['f:metadata']?.['f:annotations'];
  if (owned === undefined) return [];
  return [{ ...pick(owner, 'manager', 'operation'), fieldsV1: { 'f:metadata': { 'f:annotations': owned } } }];
}

export const poolOf = ({ metadata, spec, status }: NodePool): NodePool => ({
  metadata: metaOf(metadata),
  spec: pick(spec, 'clusterName', 'release', 'pausedUntil'),
  status: pick(status, 'version', 'conditions'),
});

export const componentOf = ({ metadata, status }: ControlPlaneComponent): ControlPlaneComponent => ({
  metadata: metaOf(metadata),
  status: pick(status, 'version', 'conditions'),
});

/** `whole`: it may be written to, so its resourceVersion and who owns its fields are kept as well. */
export function workloadOf(
  { kind, metadata, spec, status }: Workload,
  { whole }: { readonly whole: boolean },
): Workload {
  const { metadata: meta, spec: template } = spec?.template ?? {};
  // The rest of a template's annotations is hashes of what it was made from.
  const release = meta?.annotations?.[RELEASE_IMAGE];
  return {
    kind,
    metadata: { ...metaOf(metadata), ...(whole && pick(metadata, 'resourceVersion', 'managedFields')) },
    spec: {
      ...pick(spec, 'replicas', 'selector'),
      template: {
        ...(release !== undefined && { metadata: { annotations: { [RELEASE_IMAGE]: release } } }),
        spec: {
          containers: containersOf(template?.containers),
          initContainers: containersOf(template?.initContainers),
        },
      },
    },
    status: pick(
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
  };
}

export const podOf = ({ metadata, spec, status }: Pod): Pod => ({
  metadata: {
    ...metaOf(metadata),
    ...(metadata.ownerReferences && {
      ownerReferences: metadata.ownerReferences.map(({ kind, name, uid }) => ({ kind, name, uid })),
    }),
  },
  spec: {
    containers: containersOf(spec?.containers),
    initContainers: containersOf(spec?.initContainers),
  },
  status: {
    ...pick(status, 'phase', 'conditions'),
    containerStatuses: statusesOf(status?.containerStatuses),
    initContainerStatuses: statusesOf(status?.initContainerStatuses),
  },
});

const containersOf = (all: readonly Container[] | undefined): readonly Container[] =>
  (all ?? []).map((one) => ({ name: one.name, ...pick(one, 'image') }));

const statusesOf = (all: readonly ContainerStatus[] | undefined): readonly ContainerStatus[] =>
  (all ?? []).map((one) => ({
    name: one.name,
    ...pick(one, 'image', 'imageID', 'ready'),
    ...(one.state?.waiting && { state: { waiting: pick(one.state.waiting, 'reason', 'message') } }),
  }));
