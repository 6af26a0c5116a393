import type { Thing } from '../api.ts';
import { controlPlaneRelease } from './images.ts';
import { type Component, payloadImage, type Ref, readOverrides, versionOf } from './options.ts';
import { HYPERSHIFT, OF_CONTROL_PLANE } from './seen.ts';

export const COMPONENT = 'hypershift.openshift.io/control-plane-component';
export const OPERATOR = 'control-plane-operator';
const MANAGED_BY = { 'hypershift.openshift.io/managed-by': OPERATOR };
const RELEASE = 'hypershift.openshift.io/release-image';
const OVERRIDES = 'hypershift.openshift.io/image-overrides';
const OVERRIDES_ARG = '--image-overrides=';
const OPERATES_ON = 'OPERATE_ON_RELEASE_IMAGE';
/** By the name in the release payload: where the control-plane-operator is told what to put in for it. */
const HELPERS: Readonly<Record<string, string>> = {
  'socks5-proxy': 'SOCKS5_PROXY_IMAGE',
  'availability-prober': 'AVAILABILITY_PROBER_IMAGE',
  'token-minter': 'TOKEN_MINTER_IMAGE',
};
const LABELS = 'hypershift.openshift.io/control-plane-operator-image-labels';
const HAS_HELPERS = 'io.openshift.hypershift.control-plane-operator-subcommands';
/** What the HyperShift Operator itself runs. */
export const OWN_IMAGE = `quay.io/hypershift/hypershift-operator@sha256:${'0'.repeat(64)}`;

export const controlPlaneNamespaceOf = ({ metadata }: Thing): string =>
  `${metadata.namespace}-${metadata.name.replaceAll('.', '-')}`;

export const namespaceFor = (cluster: Thing): Thing => ({
  apiVersion: 'v1',
  kind: 'Namespace',
  metadata: { name: controlPlaneNamespaceOf(cluster), labels: { [OF_CONTROL_PLANE]: 'true' } },
});

/** What changes in a HostedControlPlane when its cluster is upgraded. */
export const releasesOf = ({ spec }: Thing): Thing => ({
  releaseImage: spec.release.image,
  ...(spec.controlPlaneRelease && { controlPlaneReleaseImage: spec.controlPlaneRelease.image }),
});

export function hostedControlPlaneFor(cluster: Thing): Thing {
  const { metadata, spec } = cluster;
  const { clusterID, infraID, platform, dns, etcd, services, pullSecret, controllerAvailabilityPolicy } =
    spec;
  return {
    apiVersion: HYPERSHIFT,
    kind: 'HostedControlPlane',
    metadata: {
      name: metadata.name,
      namespace: controlPlaneNamespaceOf(cluster),
      annotations: { 'hypershift.openshift.io/cluster': `${metadata.namespace}/${metadata.name}` },
    },
    spec: {
      ...{ clusterID, infraID, platform, dns, etcd, services, pullSecret, controllerAvailabilityPolicy },
      ...releasesOf(cluster),
      issuerURL: 'https://kubernetes.default.svc',
      sshKey: {},
    },
  };
}

type Parts = {
  readonly namespace: string;
  readonly release: Ref;
  readonly replicas: number;
  readonly critical?: boolean;
  readonly containers: readonly Thing[];
  readonly initContainers?: readonly Thing[];
};

function workload(kind: 'Deployment' | 'StatefulSet', name: string, parts: Parts): Thing {
  const { namespace, release, replicas, containers, initContainers = [] } = parts;
  const labels = { app: name, [COMPONENT]: name, [OF_CONTROL_PLANE]: namespace };
  const [maxSurge, maxUnavailable] = parts.critical ? [0, 1] : [1, 0];
  return {
    apiVersion: 'apps/v1',
    kind,
    metadata: { name, namespace, labels: MANAGED_BY },
    spec: {
      replicas,
      selector: { matchLabels: { app: name } },
      ...(kind === 'StatefulSet'
        ? { serviceName: name, podManagementPolicy: 'Parallel' }
        : { revisionHistoryLimit: 2, strategy: { rollingUpdate: { maxSurge, maxUnavailable } } }),
      template: {
        metadata: { labels, annotations: { [RELEASE]: release } },
        spec: { containers, ...(initContainers.length > 0 && { initContainers }) },
      },
    },
  };
}

/** The Deployment through which the HyperShift Operator tells the control plane's operator what to do. */
export function operatorFor(cluster: Thing, image: Ref): Thing {
  const release = controlPlaneRelease(cluster);
  const overrides = cluster.metadata.annotations?.[OVERRIDES];
  const helper = helperImage(cluster, image);
  const container = {
    name: OPERATOR,
    image,
    env: [
      { name: 'CONTROL_PLANE_OPERATOR_IMAGE', value: image },
      ...Object.values(HELPERS).map((name) => ({ name, value: helper })),
      { name: OPERATES_ON, value: release },
    ],
    args: [`${OVERRIDES_ARG}${overrides || '='}`],
  };
  const namespace = controlPlaneNamespaceOf(cluster);
  return workload('Deployment', OPERATOR, { namespace, release, replicas: 1, containers: [container] });
}

/** An image whose labels do not say that it has the helpers is not asked for them. Here labels are known where an annotation tells them. */
function helperImage({ metadata }: Thing, image: Ref): Ref {
  const labels: string | undefined = metadata.annotations?.[LABELS];
  const keys = labels?.split(',').map((pair) => pair.split('=')[0]);
  return keys === undefined || keys.includes(HAS_HELPERS) ? image : OWN_IMAGE;
}

/** What a control-plane-operator that runs has been told. */
export type Told = {
  readonly image: Ref;
  /** Of its helper containers. */
  readonly helper: Ref;
  readonly release: Ref;
  readonly overrides: ReadonlyMap<string, Ref>;
};

export function toldTo(container: Thing): Told {
  const { image, env = [], args = [] } = container;
  const release = env.find(({ name }: Thing) => name === OPERATES_ON)?.value ?? '';
  const helper = env.find(({ name }: Thing) => name === 'AVAILABILITY_PROBER_IMAGE')?.value ?? image;
  const text: string = args.find((arg: string) => arg.startsWith(OVERRIDES_ARG)) ?? '';
  return { image, helper, release, overrides: readOverrides(text.slice(OVERRIDES_ARG.length)) };
}

/** A component as an operator that was told this wants it. */
export function componentFor(component: Component, plane: Thing, told: Told): Thing {
  const version = versionOf(told.release) ?? '';
  const imaged = (containers: Component['containers'] = []): Thing[] =>
    containers.map(({ name, image }) => ({
      name,
      image: payloadImage(image, {
        version,
        operator: image in HELPERS ? told.helper : told.image,
        overrides: told.overrides,
      }),
    }));
  const isSingle = plane.spec.controllerAvailabilityPolicy === 'SingleReplica';
  return workload(component.kind ?? 'Deployment', component.name, {
    namespace: plane.metadata.namespace,
    release: told.release,
    replicas: isSingle ? 1 : (component.replicas ?? 2),
    critical: component.critical ?? false,
    containers: imaged(component.containers),
    initContainers: imaged(component.initContainers),
  });
}
