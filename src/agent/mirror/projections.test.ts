// Goal: leaving out what is not judged by changes no judgement: whatever a hosted cluster looks like, what was kept of it is
// judged as the whole of it.
import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { heldBecause, whyNotNow } from '../../core/hypershift/guards.ts';
import { planeOf } from '../../core/hypershift/inventory.ts';
import { change } from '../../core/hypershift/levers.ts';
import { remember } from '../../core/hypershift/memory.ts';
import {
  type Condition,
  CPO_IMAGE,
  type Hosted,
  IMAGE_OVERRIDES,
  type Meta,
  type Pod,
  RELEASE_IMAGE,
  type Workload,
} from '../../core/hypershift/objects.ts';
import {
  ago,
  CNO,
  CPO,
  clusterWith,
  hostedWith,
  look,
  NEW,
  NOW_MS,
  OLD,
  ownedBy,
  PAYLOAD,
  podsOf,
  poolWith,
  REPOSITORY,
  SETTINGS,
  workloadsOf,
} from '../../core/hypershift/testing.ts';
import { turnsAtMs } from '../../core/hypershift/turns.ts';
import { createMirror } from './mirror.ts';

const settings = { ...SETTINGS, components: [CPO, CNO] };
const some = <T>(...all: T[]) => fc.constantFrom(...all);
const maybe = <T>(value: fc.Arbitrary<T>) => fc.option(value, { nil: undefined });
/** Short ago, long ago, days ago, or not known. */
const time = maybe(some(ago(30_000), ago(5 * 60_000), ago(3_600_000), ago(3 * 86_400_000)));
const without = <T extends object>(object: T): T => JSON.parse(JSON.stringify(object)) as T;

const conditions = (...types: string[]): fc.Arbitrary<Condition[]> =>
  fc
    .uniqueArray(
      fc.record({
        type: some(...types),
        status: some('True', 'True', 'False', 'Unknown' as const),
        reason: maybe(some('AsExpected', 'Broken')),
        message: some('in words', 'in other words'),
        lastTransitionTime: time,
      }),
      { selector: ({ type }) => type },
    )
    .map((all) => without(all) as Condition[]);

const mark = JSON.stringify({
  key: 'FIX-1/uid-1/4',
  fix: 'FIX-1',
  sequence: 4,
  component: CPO.name,
  image: `${REPOSITORY}@${NEW}`,
  before: `${PAYLOAD}@${OLD}`,
});
const annotations = fc.record(
  {
    [CPO_IMAGE]: some(`${REPOSITORY}@${NEW}`, `${REPOSITORY}:tag`, ''),
    [IMAGE_OVERRIDES]: some('', `cluster-network-operator=${CNO.repository}@${NEW}`, 'x'),
    'fleetfix.dev/applied': some(mark, '{}'),
    'kubectl.kubernetes.io/last-applied-configuration': some('{"spec":{}}'),
    'api.openshift.com/customer': some('acme'),
  },
  { requiredKeys: [] },
);
const entry = fc.record({
  state: some('Completed', 'Partial'),
  version: some('4.19.11', '4.19.12'),
  image: some('r:4.19.11', 'r:4.19.12'),
  startedTime: some(ago(1)),
});
const history = fc.record({ history: fc.array(entry, { maxLength: 4 }) });

const cluster = fc
  .record({
    metadata: fc.record({
      annotations,
      labels: some({ 'api.openshift.com/customer': 'b' }, undefined),
      managedFields: some(
        undefined,
        ownedBy([['fleetfix', 'Apply', CPO_IMAGE]]),
        ownedBy([['argo', 'Apply', CPO_IMAGE, IMAGE_OVERRIDES]]),
      ),
      deletionTimestamp: some(undefined, undefined, undefined, ago(1)),
      creationTimestamp: time,
    }),
    spec: fc.record({
      release: some({ image: 'r:4.19.11' }, { image: 'r:4.19.12' }),
      controlPlaneRelease: some(undefined, { image: 'r:4.19.12' }),
      controllerAvailabilityPolicy: some('HighlyAvailable', 'SingleReplica'),
      pausedUntil: some(undefined, undefined, 'true', new Date(NOW_MS + 60_000).toISOString()),
      networking: some(undefined, { serviceNetwork: [{ cidr: '172.31.0.0/16' }] }),
      configuration: some(
        undefined,
        ...['x', '172.31.0.0/16'].map((noProxy) => ({
          proxy: { httpsProxy: 'http://p', noProxy, httpProxy: 'y' },
        })),
      ),
    }),
    status: fc.record({
      conditions: conditions(
        ...['Available', 'EtcdAvailable', 'Degraded', 'ClusterVersionSucceeding', 'EtcdRecoveryActive'],
        ...['EtcdDataEncryptionUpToDate', 'ClusterSizeTransitionPending'],
      ),
      version: history,
      controlPlaneVersion: maybe(history),
    }),
  })
  .map((parts) => without(clusterWith(parts as Parameters<typeof clusterWith>[0])));

const pools = fc
  .record({
    metadata: fc.record({
      generation: some(1, 2),
      annotations: some({ 'hypershift.openshift.io/nodePoolCurrentConfig': 'a', other: 'b' }, undefined),
      labels: some({ a: 'b' }),
    }),
    spec: fc.record({ clusterName: some('hc1', 'hc1', 'hc2'), release: some({ image: 'r:4.19.12' }) }),
    status: fc.record({
      version: some(undefined, '4.19.11'),
      conditions: conditions('UpdatingConfig', 'Ready'),
    }),
  })
  .map((parts) => [without(poolWith('workers', parts as Parameters<typeof poolWith>[1]))]);

const components = conditions('Available', 'RolloutComplete').map((all) => [
  {
    metadata: { name: 'etcd', namespace: 'ocm-prod-abc-hc1', uid: 'c', labels: { a: 'b' } } as Meta,
    status: { version: '4.19.11', conditions: all },
  },
]);

type Change = {
  readonly waiting: string | undefined;
  readonly ready: Condition[];
  readonly phase: string;
  readonly owner: string;
  readonly imageID: string;
  readonly madeAt: string | undefined;
};
const changes: fc.Arbitrary<Change> = fc.record({
  waiting: some(undefined, undefined, 'CrashLoopBackOff', 'ImagePullBackOff', 'ContainerCreating'),
  ready: conditions('Ready', 'PodScheduled'),
  phase: some('Running', 'Running', 'Succeeded'),
  owner: some('ReplicaSet', 'ReplicaSet', 'Job'),
  imageID: some(`${PAYLOAD}@${OLD}`, `${PAYLOAD}@${NEW}`, ''),
  madeAt: time,
});
const changed = (pod: Pod, how: Change): Pod => ({
  ...pod,
  metadata: {
    ...pod.metadata,
    labels: { app: 'x', 'hypershift.openshift.io/hosted-control-plane': 'y' },
    ownerReferences: pod.metadata.ownerReferences!.map((ref) => ({ ...ref, kind: how.owner })),
    creationTimestamp: how.madeAt as string,
  },
  status: {
    phase: how.phase,
    conditions: how.ready,
    containerStatuses: pod.status!.containerStatuses!.map((one) => ({
      ...one,
      imageID: how.imageID,
      ...(how.waiting && { state: { waiting: { reason: how.waiting, message: 'in words' } } }),
    })),
  },
});

const hosts: fc.Arbitrary<Hosted> = fc
  .record({
    cluster,
    nodePools: pools,
    components,
    images: fc.record({ operator: some(`${PAYLOAD}@${OLD}`, `${REPOSITORY}@${NEW}`) }),
    short: some<Workload['status']>({}, { readyReplicas: 1 }, { observedGeneration: 1 }),
    release: some(undefined, 'r:4.19.12'),
    pods: fc.array(changes, { maxLength: 6 }),
  })
  .map(({ images, short, release, pods: how, ...rest }) => {
    const workloads = workloadsOf(without(images)).map((w): Workload => {
      const template = {
        ...w.spec!.template,
        metadata: { annotations: { ...(release && { [RELEASE_IMAGE]: release }), hash: 'x' } },
      };
      return {
        ...w,
        metadata: { ...w.metadata, labels: { a: 'b' }, annotations: { r: '1' } },
        spec: { ...w.spec, selector: { matchLabels: { app: w.metadata.name } }, template },
        status: { ...w.status, ...short },
      };
    });
    const pods = podsOf(workloads).map((pod, at) => (how[at] === undefined ? pod : changed(pod, how[at])));
    return hostedWith(without({ ...rest, workloads, pods }) as Partial<Hosted>);
  });

/** The same as an agent has it, by the way everything comes: with another hosted cluster that says the same. */
function mirrored(hosted: Hosted): Hosted {
  const mirror = createMirror(settings, () => 0);
  const of: Record<string, readonly { readonly metadata: Meta }[]> = {
    hostedclusters: [hosted.cluster],
    nodepools: hosted.nodePools,
    controlplanecomponents: hosted.components,
    pods: hosted.pods,
  };
  const plurals = { Deployment: 'deployments', StatefulSet: 'statefulsets', DaemonSet: 'daemonsets' };
  for (const { kind, ...w } of hosted.workloads) of[plurals[kind]] = [...(of[plurals[kind]] ?? []), w];
  for (const { resource, keep, onSynced } of mirror.kinds) {
    const twice = (of[resource.plural] ?? []).flatMap((one) => [
      {
        ...one,
        metadata: { ...one.metadata, namespace: `z${one.metadata.namespace}`, uid: `z${one.metadata.uid}` },
      },
      one,
    ]);
    onSynced(new Map(twice.map((one) => [one.metadata.uid, keep(without(one))!])));
  }
  return mirror.hosted(hosted.cluster.metadata.uid)!;
}

/** Everything that is asked of a hosted cluster, at the first look and after it. */
function judged(hosted: Hosted) {
  const first = remember(hosted, settings, { memory: undefined, ...look });
  const moved = {
    ...first,
    movedAtMs: NOW_MS - 60_000,
    nodePools: first.nodePools.map((p) => ({ ...p, updating: [] })),
  };
  const subjects = [CPO, CNO].map((component) => ({ hosted, component, ...look, memory: moved }));
  const order = { key: 'k', fix: 'FIX-1' as const, uid: 'uid-1', sequence: 9 };
  return {
    first,
    second: remember(hosted, settings, { memory: moved, ...look }),
    planes: [planeOf(hosted, settings, look), planeOf(hosted, settings, { memory: moved, ...look })],
    turnsAtMs: turnsAtMs(hosted, { nowMs: NOW_MS, memory: moved }),
    held: subjects.map((it) => heldBecause(it)),
    notNow: subjects.flatMap((it) => [whyNotNow(it, { action: 'set' }), whyNotNow(it, { action: 'remove' })]),
    changes: [CPO, CNO].flatMap((component) => [
      change(component, { ...order, action: 'set', digest: NEW }, { hosted, release: OLD }),
      change(component, { ...order, action: 'remove' }, { hosted, release: OLD }),
    ]),
  };
}

test('what is kept of a hosted cluster is judged as the whole of it', () => {
  const ours = (hosted: Hosted): Hosted => ({
    ...hosted,
    nodePools: hosted.nodePools.filter((p) => p.spec?.clusterName === 'hc1'),
    workloads: ['Deployment', 'StatefulSet'].flatMap((kind) =>
      hosted.workloads.filter((w) => w.kind === kind),
    ),
  });
  const told = new Set<string>();
  fc.assert(
    fc.property(hosts, (hosted) => {
      const whole = judged(ours(hosted));
      expect(judged(mirrored(hosted))).toEqual(whole);
      for (const { unhealthy, held } of whole.planes)
        for (const text of [unhealthy, held]) told.add(text?.split(/[ :]/)[0] ?? 'nothing');
    }),
    { numRuns: 300 },
  );
  // Not all alike: those that are well, and most ways not to be, were among them.
  expect([...told]).toEqual(
    expect.arrayContaining(['nothing', 'CrashLoopBackOff', 'Degraded', 'node', 'which']),
  );
});

test('of equal things that thousands say one is held', () => {
  const mirror = createMirror(settings, () => 0);
  const pods = mirror.kinds.find(({ resource }) => resource.plural === 'pods')!;
  const [one, other] = ['1', '2'].map((n) => {
    const pod = podsOf(workloadsOf())[0]!;
    return pods.keep(
      without({ ...pod, metadata: { ...pod.metadata, namespace: n, name: n, uid: n } }),
    ) as Pod;
  });
  expect([one!.metadata.namespace, other!.metadata.namespace]).toEqual(['1', '2']);
  expect(one!.spec).toBe(other!.spec);
  expect(one!.status).toBe(other!.status);
  const crashed = { ...podsOf(workloadsOf())[0]!, status: { phase: 'Failed' } };
  expect((pods.keep(without(crashed)) as Pod).status).not.toBe(one!.status);
});
