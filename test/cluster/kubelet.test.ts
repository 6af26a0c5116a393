// What the pretend kubelet makes of pods, seen through the controllers of the real Kubernetes.
import { afterAll, beforeAll, expect, test } from 'vitest';
import { named, type Thing } from './api.ts';
import { type Fate, type Kubelet, startKubelet } from './kubelet.ts';
import { withCluster } from './testing.ts';

const INDEX = `sha256:${'a'.repeat(64)}`;
const PLATFORM = `sha256:${'b'.repeat(64)}`;
const GOOD = `registry.example/cpo@sha256:${'1'.repeat(64)}`;
const BAD = `registry.example/cpo@sha256:${'e'.repeat(64)}`;
const CRASHING = `registry.example/cpo@sha256:${'c'.repeat(64)}`;
const APPS = '/apis/apps/v1/namespaces/default';
const PODS = '/api/v1/namespaces/default/pods';

const fates: Readonly<Record<string, Fate>> = { [BAD]: 'cannot be pulled', [CRASHING]: 'crashes' };

const cluster = withCluster();
const admin = () => cluster().admin;
let kubelet: Kubelet | undefined;
beforeAll(async () => {
  if (cluster() === undefined) return;
  kubelet = await startKubelet(admin(), {
    nodes: ['node-a', 'node-b'],
    fateOf: (image) => fates[image] ?? 'runs',
    platformDigestOf: (digest) => (digest === INDEX ? PLATFORM : digest),
  });
});
afterAll(() => kubelet?.stop());

const workload = (kind: string, name: string, image: string, spec: Thing = {}): Thing => ({
  apiVersion: 'apps/v1',
  kind,
  metadata: { name },
  spec: {
    selector: { matchLabels: { app: name } },
    template: {
      metadata: { labels: { app: name } },
      spec: { containers: [{ name: 'main', image }], initContainers: [{ name: 'init', image }] },
    },
    ...spec,
  },
});

const podsOf = async (name: string): Promise<Thing[]> =>
  (await admin().get(`${PODS}?labelSelector=app%3D${name}`)).items;
const stateOf = (pod: Thing) => pod.status.containerStatuses?.[0]?.state.waiting?.reason;

test('a Deployment becomes available, and a new image rolls its pods and takes the old ones away', async () => {
  await admin().create(`${APPS}/deployments`, workload('Deployment', 'cpo', GOOD, { replicas: 2 }));
  const deployment = named(`${APPS}/deployments`, 'cpo');
  await admin().until(deployment, (it) => it.status.availableReplicas === 2);
  expect((await podsOf('cpo')).map((pod) => pod.status.containerStatuses[0].imageID)).toEqual([GOOD, GOOD]);

  const image = `registry.example/cpo@${INDEX}`;
  const containers = [{ name: 'main', image }];
  const { metadata } = await admin().merge(`${APPS}/deployments/cpo`, {
    spec: { template: { spec: { containers } } },
  });
  await admin().until(
    deployment,
    ({ status }) =>
      status.observedGeneration === metadata.generation &&
      status.updatedReplicas === 2 &&
      status.replicas === 2 &&
      status.availableReplicas === 2,
  );
  await admin().until(
    `${APPS}/replicasets?labelSelector=app%3Dcpo`,
    (it) => it.spec.replicas === 0 && it.status.replicas === 0,
  );
  const running = (await podsOf('cpo')).filter((pod) => pod.metadata.deletionTimestamp === undefined);
  // The index was asked for; a node names the digest of its own platform.
  expect(running.map((pod) => pod.status.containerStatuses[0].imageID)).toEqual(
    Array(2).fill(`registry.example/cpo@${PLATFORM}`),
  );
  expect(running[0]!.status.initContainerStatuses[0].imageID).toBe(GOOD);
});

test('a Deployment whose new image cannot be pulled keeps its old pods', async () => {
  await admin().create(`${APPS}/deployments`, workload('Deployment', 'stuck', GOOD, { replicas: 2 }));
  const deployment = named(`${APPS}/deployments`, 'stuck');
  await admin().until(deployment, (it) => it.status.availableReplicas === 2);
  const containers = [{ name: 'main', image: BAD }];
  await admin().merge(`${APPS}/deployments/stuck`, { spec: { template: { spec: { containers } } } });
  const pod = await admin().until(
    `${PODS}?labelSelector=app%3Dstuck`,
    (it) => stateOf(it) === 'ImagePullBackOff',
  );
  expect(pod.status).toMatchObject({ phase: 'Pending', containerStatuses: [{ imageID: '', ready: false }] });
  // The controller writes these one after the other.
  await admin().until(
    deployment,
    ({ status }) =>
      status.unavailableReplicas === 1 && status.availableReplicas === 2 && status.updatedReplicas === 1,
  );
});

test('a container that crashes has the digest it ran and is not ready', async () => {
  await admin().create(
    `${APPS}/deployments`,
    workload('Deployment', 'crash', CRASHING, {
      template: {
        metadata: { labels: { app: 'crash' } },
        spec: { containers: [{ name: 'main', image: CRASHING }] },
      },
    }),
  );
  const pod = await admin().until(
    `${PODS}?labelSelector=app%3Dcrash`,
    (it) => stateOf(it) === 'CrashLoopBackOff',
  );
  expect(pod.status.containerStatuses[0]).toMatchObject({ imageID: CRASHING, ready: false, restartCount: 1 });
});

test('a StatefulSet gets its pods one after the other, a DaemonSet one on each node', async () => {
  await admin().create(
    `${APPS}/statefulsets`,
    workload('StatefulSet', 'etcd', GOOD, { replicas: 3, serviceName: 'etcd' }),
  );
  await admin().create(`${APPS}/daemonsets`, workload('DaemonSet', 'agent', GOOD));
  await admin().until(named(`${APPS}/statefulsets`, 'etcd'), (it) => it.status.readyReplicas === 3);
  await admin().until(named(`${APPS}/daemonsets`, 'agent'), (it) => it.status.numberReady === 2);
  expect((await podsOf('agent')).map((pod) => pod.spec.nodeName).sort()).toEqual(['node-a', 'node-b']);
});

test('a Job is done', async () => {
  const template = { spec: { restartPolicy: 'Never', containers: [{ name: 'main', image: GOOD }] } };
  await admin().create('/apis/batch/v1/namespaces/default/jobs', {
    metadata: { name: 'backup' },
    spec: { template },
  });
  await admin().until(
    named('/apis/batch/v1/namespaces/default/jobs', 'backup'),
    (it) => it.status.succeeded === 1,
  );
});

test('it goes on after the API server was killed', async () => {
  await cluster().apiServer.stop({ signal: 'SIGKILL' });
  await cluster().apiServer.start();
  await admin().create(`${APPS}/deployments`, workload('Deployment', 'later', GOOD, { replicas: 1 }));
  await admin().until(named(`${APPS}/deployments`, 'later'), (it) => it.status.availableReplicas === 1);
});
