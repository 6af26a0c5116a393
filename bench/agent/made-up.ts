import { createHash } from 'node:crypto';

// A hosted control plane as large as a real one, as texts of whole objects: with what an agent does not keep, too. What differs
// from one real control plane to the next differs here: names, uids, times, generations and the hashes of templates.

const sha = (text: string): string => createHash('sha256').update(text).digest('hex');
const CPO = 'control-plane-operator';
const LABEL = 'hypershift.openshift.io/hosted-control-plane';
const PAYLOAD = 'quay.io/openshift-release-dev/ocp-v4.0-art-dev@sha256:';
const RELEASE = 'quay.io/openshift-release-dev/ocp-release:4.20.3-multi';
const OPERATOR_IMAGE = `${PAYLOAD}${sha(CPO)}`;
const AT = '2026-11-20T08:00:00.#Z';
/** Of a pod template; it differs with what the template says of its control plane. */
const HASH = '7c9d8f#';

type Part = { readonly name: string; readonly replicas: number; readonly hasOperatorImage: boolean };

/** 44 workloads: 4 of three pods, 18 of two, 22 of one. 31 hold the control-plane-operator's image. */
const PARTS: readonly Part[] = Array.from({ length: 44 }, (_, at) => ({
  name: at === 43 ? CPO : `control-plane-component-${at}`,
  replicas: at < 4 ? 3 : at < 22 ? 2 : 1,
  hasOperatorImage: at >= 13,
}));
export const WORKLOADS = PARTS.length;
export const PODS = PARTS.reduce((sum, part) => sum + part.replicas, 0);
const isStateful = ({ name }: Part): boolean => /-[012]$/.test(name);

/** All objects of a kind of one control plane. Every text has strings of its own once it is parsed. */
export function objectsOf(plural: string, n: number): readonly string[] {
  return (TEMPLATES[plural] ?? []).map((template) => template.replaceAll('@', `${n}`));
}

const conditions = (types: readonly string[]) =>
  types.map((type) => ({
    type,
    status: 'True',
    reason: 'AsExpected',
    message: `${type} is as it is expected to be`,
    lastTransitionTime: AT,
    observedGeneration: 3,
  }));

const meta = (name: string, namespace: string, more: object = {}) => ({
  name,
  namespace,
  uid: `00000000-0000-4000-8000-${sha(name).slice(0, 12)}-#`,
  resourceVersion: '4711#',
  generation: 3,
  creationTimestamp: AT,
  managedFields: ['control-plane-operator', 'kube-controller-manager'].map((manager) => ({
    manager,
    operation: 'Update',
    apiVersion: 'v1',
    time: AT,
    fieldsV1: { 'f:metadata': { 'f:labels': { '.': {}, 'f:app': {} } }, 'f:spec': { 'f:replicas': {} } },
  })),
  ...more,
});

const NAMESPACE = 'ocm-production-#';
const PLANE = `${NAMESPACE}-cluster-#`;

const env = Array.from({ length: 8 }, (_, at) => ({ name: `VARIABLE_${at}`, value: `value ${at}` }));
const containersOf = (part: Part) => [
  { name: part.name, image: part.name === CPO ? OPERATOR_IMAGE : `${PAYLOAD}${sha(part.name)}`, env },
  { name: 'konnectivity-proxy', image: `${PAYLOAD}${sha('konnectivity')}`, env },
];
const initContainersOf = (part: Part) => [
  {
    name: part.hasOperatorImage ? 'availability-prober' : 'copy',
    image: part.hasOperatorImage ? OPERATOR_IMAGE : `${PAYLOAD}${sha('copy')}`,
    env,
  },
];
const labelsOf = ({ name }: Part) => ({
  app: name,
  'hypershift.openshift.io/control-plane-component': name,
  'hypershift.openshift.io/need-management-kas-access': 'true',
  [LABEL]: PLANE,
});
const annotationsOf = ({ name }: Part) => ({
  'hypershift.openshift.io/release-image': RELEASE,
  'component.hypershift.openshift.io/config-hash': sha(name).slice(0, 16),
  'target.workload.openshift.io/management': '{"effect": "PreferredDuringScheduling"}',
});

const workload = (part: Part) => ({
  metadata: meta(part.name, PLANE, {
    labels: { 'hypershift.openshift.io/managed-by': CPO },
    annotations: { 'deployment.kubernetes.io/revision': '7' },
  }),
  spec: {
    replicas: part.replicas,
    selector: { matchLabels: { app: part.name } },
    template: {
      metadata: { labels: labelsOf(part), annotations: annotationsOf(part) },
      spec: { containers: containersOf(part), initContainers: initContainersOf(part) },
    },
  },
  status: {
    observedGeneration: 3,
    replicas: part.replicas,
    updatedReplicas: part.replicas,
    readyReplicas: part.replicas,
    availableReplicas: part.replicas,
    conditions: conditions(['Available', 'Progressing']),
  },
});

const NETWORK = JSON.stringify([
  {
    name: 'ovn-kubernetes',
    interface: 'eth0',
    ips: ['10.128.4.57'],
    mac: '0a:58:0a:80:04:39',
    default: true,
  },
]);

function pod(part: Part, at: number) {
  const owner = isStateful(part) ? part.name : `${part.name}-${HASH}`;
  const status = ({ name, image }: { readonly name: string; readonly image: string }) => ({
    name,
    image,
    imageID: image,
    ready: true,
    started: true,
    restartCount: 0,
    containerID: `cri-o://${sha(`${name}${at}`)}`,
    state: { running: { startedAt: AT } },
  });
  return {
    metadata: meta(`${owner}-${at}`, PLANE, {
      labels: { ...labelsOf(part), 'pod-template-hash': HASH },
      annotations: {
        ...annotationsOf(part),
        'k8s.ovn.org/pod-networks': NETWORK,
        'k8s.v1.cni.cncf.io/network-status': NETWORK,
        'openshift.io/scc': 'restricted-v2',
        'seccomp.security.alpha.kubernetes.io/pod': 'runtime/default',
      },
      ownerReferences: [
        {
          apiVersion: 'apps/v1',
          kind: isStateful(part) ? 'StatefulSet' : 'ReplicaSet',
          name: owner,
          uid: `rs-${sha(owner).slice(0, 20)}-#`,
          controller: true,
          blockOwnerDeletion: true,
        },
      ],
    }),
    spec: {
      nodeName: 'ip-10-0-1-23.ec2.internal',
      containers: containersOf(part),
      initContainers: initContainersOf(part),
    },
    status: {
      phase: 'Running',
      conditions: conditions(['PodScheduled', 'Initialized', 'ContainersReady', 'Ready']),
      containerStatuses: containersOf(part).map(status),
      initContainerStatuses: initContainersOf(part).map(status),
    },
  };
}

const hostedCluster = {
  metadata: meta('cluster-#', NAMESPACE, {
    uid: 'uid-#',
    labels: { 'api.openshift.com/id': '#', 'api.openshift.com/environment': 'production' },
    annotations: { 'hypershift.openshift.io/cleanup-cloud-resources': 'true' },
  }),
  spec: {
    release: { image: RELEASE },
    clusterID: '#',
    platform: { type: 'AWS', aws: { endpointAccess: 'Public' } },
    controllerAvailabilityPolicy: 'HighlyAvailable',
  },
  status: {
    conditions: conditions([
      ...['Available', 'EtcdAvailable', 'KubeAPIServerAvailable', 'InfrastructureReady'],
      ...Array.from({ length: 18 }, (_, at) => `Valid${at}`),
    ]),
    version: {
      desired: { image: RELEASE, version: '4.20.3' },
      history: [{ state: 'Completed', version: '4.20.3', image: RELEASE, startedTime: AT, verified: false }],
    },
    controlPlaneEndpoint: { host: 'api.cluster-#.example.com', port: 443 },
  },
};

const nodePool = (name: string) => ({
  metadata: meta(name, NAMESPACE, {
    annotations: { 'hypershift.openshift.io/nodePoolCurrentConfig': '1a2b3c4d' },
  }),
  spec: { clusterName: 'cluster-#', replicas: 3, release: { image: RELEASE } },
  status: { version: '4.20.3', conditions: conditions(Array.from({ length: 15 }, (_, at) => `Pool${at}`)) },
});

const component = ({ name }: Part) => ({
  metadata: meta(name, PLANE),
  status: { version: '4.20.3', conditions: conditions(['Available', 'RolloutComplete']) },
});

/** `#` is where the number of the control plane goes. */
const textsOf = (objects: readonly object[]): readonly string[] =>
  objects.map((object) =>
    JSON.stringify(object)
      .replaceAll('@', '\\u0040')
      .replaceAll('#', '@')
      .replaceAll(/"(generation|observedGeneration)":3/g, '"$1":3@'),
  );

const TEMPLATES: Readonly<Record<string, readonly string[]>> = {
  hostedclusters: textsOf([hostedCluster]),
  nodepools: textsOf([nodePool('cluster-#-a'), nodePool('cluster-#-b')]),
  controlplanecomponents: textsOf(PARTS.map(component)),
  deployments: textsOf(PARTS.filter((part) => !isStateful(part)).map(workload)),
  statefulsets: textsOf(PARTS.filter(isStateful).map(workload)),
  pods: textsOf(PARTS.flatMap((part) => Array.from({ length: part.replicas }, (_, at) => pod(part, at)))),
};
