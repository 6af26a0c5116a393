// That the pretend operator does what the real one was read and measured to do, where Fleetfix depends on it.
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { named, type Thing } from '../api.ts';
import { crdFolders, installCrds } from '../crds.ts';
import { type Fate, type Kubelet, startKubelet } from '../kubelet.ts';
import { withCluster } from '../testing.ts';
import { type Operator, startOperator } from './operator.ts';
import { OWN_IMAGE } from './templates.ts';

const digest = (hex: string): string => `sha256:${hex.repeat(64)}`;
const PAYLOAD = 'quay.io/openshift-release-dev/ocp-v4.0-art-dev';
const RELEASES = {
  '4.19.11': `${PAYLOAD}@${digest('1')}`,
  '4.19.12': `${PAYLOAD}@${digest('2')}`,
  '4.20.3': `${PAYLOAD}@${digest('3')}`,
};
const OVERRIDE = `registry.example/overrides/cpo@${digest('4')}`;
const FIX = `registry.example/fixes/cpo@${digest('5')}`;
const UNKNOWN = `registry.example/fixes/cpo@${digest('6')}`;
const CRASHES = `registry.example/fixes/cpo@${digest('8')}`;

const HYPERKUBE = `registry.example/fixes/hyperkube@${digest('9')}`;

const ANNOTATION = 'hypershift.openshift.io/control-plane-operator-image';
const OVERRIDES = 'hypershift.openshift.io/image-overrides';
const NS = 'ocm-test-1';
const ORDER = ['control-plane-operator', 'etcd', 'kube-apiserver', 'openshift-apiserver'];

const HYPERSHIFT = '/apis/hypershift.openshift.io/v1beta1';
const clusters = `${HYPERSHIFT}/namespaces/${NS}/hostedclusters`;
const deployments = (name: string) => `/apis/apps/v1/namespaces/${NS}-${name}/deployments`;
const statefulSets = (name: string) => `/apis/apps/v1/namespaces/${NS}-${name}/statefulsets`;
const pods = (name: string) => `/api/v1/namespaces/${NS}-${name}/pods`;

const conditionsOf = ({ status }: Thing): Record<string, string> =>
  Object.fromEntries((status?.conditions ?? []).map((c: Thing) => [c.type, c.status]));
const imagesOf = ({ spec }: Thing): string[] =>
  [...(spec.template.spec.initContainers ?? []), ...spec.template.spec.containers].map((c: Thing) => c.image);

describe.each(crdFolders())('with $name', ({ dir }) => {
  const cluster = withCluster();
  const admin = () => cluster().admin;
  let kubelet: Kubelet | undefined;
  let operator: Operator;
  const fates = new Map<string, Fate>([
    [CRASHES, 'crashes'],
    [HYPERKUBE, 'cannot be pulled'],
  ]);

  beforeAll(async () => {
    if (cluster() === undefined) return;
    await installCrds(admin(), dir);
    kubelet = await startKubelet(admin(), {
      fateOf: (image) => fates.get(image) ?? 'runs',
      // Else what is away while a pod starts may be there again before anybody looks.
      readyAfterMs: (namespace) => (/-(single|bare)$/.test(namespace) ? 3_000 : 0),
    });
    operator = startOperator(admin(), {
      releases: RELEASES,
      overrides: { aws: { '4.19.12': OVERRIDE } },
      resolvable: (ref) => ref !== UNKNOWN,
    });
  });
  afterAll(async () => {
    await operator?.stop();
    await kubelet?.stop();
  });

  const up = async (name: string, wish: Partial<Parameters<Operator['makeCluster']>[0]> = {}) =>
    operator.settled(await operator.makeCluster({ namespace: NS, name, ...wish }));
  const annotate = (name: string, value: string | null, key = ANNOTATION) =>
    admin().merge(`${clusters}/${name}`, { metadata: { annotations: { [key]: value } } });
  const imageOf = async (name: string) =>
    imagesOf(await admin().get(`${deployments(name)}/control-plane-operator`))[0];
  const says = (name: string, type: string, status: string) =>
    admin().until(named(clusters, name), (it) => conditionsOf(it)[type] === status);

  test('a cluster comes up: labels, images, conditions, version', async () => {
    // The real node pools may not name a cluster with a dot in its name.
    const made = await up('one.a', { nodePools: 0 });
    expect(conditionsOf(made)).toMatchObject({
      Available: 'True',
      EtcdAvailable: 'True',
      KubeAPIServerAvailable: 'True',
      ReconciliationSucceeded: 'True',
      Progressing: 'False',
    });
    expect(made.status.version.history).toMatchObject([{ state: 'Completed', version: '4.19.11' }]);
    expect(made.status.version.availableUpdates).toEqual([]);
    await says('one.a', 'Degraded', 'False');
    const { items } = await admin().get(
      `/api/v1/pods?labelSelector=hypershift.openshift.io%2Fhosted-control-plane%3D${NS}-one-a`,
    );
    const of = (name: string) =>
      items.filter(
        (pod: Thing) => pod.metadata.labels['hypershift.openshift.io/control-plane-component'] === name,
      );
    expect(of('etcd')).toHaveLength(3);
    expect(of('kube-apiserver')).toHaveLength(3);
    expect(of('control-plane-operator')[0].status.containerStatuses[0].imageID).toBe(RELEASES['4.19.11']);
    expect(imagesOf(await admin().get(`${deployments('one-a')}/kube-apiserver`))[1]).toBe(
      RELEASES['4.19.11'],
    );
    expect(imagesOf(await admin().get(`${deployments('one-a')}/konnectivity-agent`))).not.toContain(
      RELEASES['4.19.11'],
    );
    const plane = await admin().get(`${HYPERSHIFT}/namespaces/${NS}-one-a/hostedcontrolplanes/one.a`);
    expect(plane.metadata.annotations['hypershift.openshift.io/cluster']).toBe(`${NS}/one.a`);
  });

  test('a fix rolls the operator, then etcd, then the API server, then the rest, and nothing else moves', async () => {
    const before = await up('order');
    const seen: string[] = [];
    const over = new AbortController();
    const watching = (async () => {
      for await (const { type, object } of admin().watch(pods('order'), over.signal)) {
        const containers = [...(object.spec.initContainers ?? []), ...object.spec.containers];
        const name = object.metadata.labels['hypershift.openshift.io/control-plane-component'];
        if (type === 'ADDED' && containers.some((c: Thing) => c.image === FIX)) seen.push(name);
      }
    })().catch(() => {});
    const { metadata } = await annotate('order', FIX);
    const after = await operator.settled(before);
    over.abort();
    await watching;
    const first = [...new Set(seen)];
    expect(first.slice(0, 3)).toEqual(ORDER.slice(0, 3));
    // Each is through before the next begins.
    expect(seen.slice(0, 7).map((name) => ORDER.indexOf(name))).toEqual([0, 1, 1, 1, 2, 2, 2]);
    expect(first).toContain('hosted-cluster-config-operator');
    expect(first).not.toContain('konnectivity-agent');
    expect(metadata.generation).toBe(before.metadata.generation);
    expect(after.status.version).toEqual(before.status.version);
    expect(conditionsOf(after).Progressing).toBe('False');
    const moved = (it: Thing) =>
      it.status.conditions.find((c: Thing) => c.type === 'Progressing').lastTransitionTime;
    expect(moved(after)).toBe(moved(before));
    await annotate('order', null);
    await operator.settled(before);
    expect(await imageOf('order')).toBe(RELEASES['4.19.11']);
  });

  test('the version is not told before an operator runs; helpers get the image that the operator has labels for', async () => {
    const labels = { 'hypershift.openshift.io/control-plane-operator-image-labels': 'vcs-ref=1' };
    const wish = { namespace: NS, name: 'bare', version: '4.19.12', annotations: labels };
    // The release is named at first, its version is not: nobody has looked into it.
    const first = admin().until(named(clusters, 'bare'), (it) => it.status?.version !== undefined);
    const made = await operator.makeCluster(wish);
    const [entry] = (await first).status.version.history;
    expect([entry.state, entry.version]).toEqual(['Partial', '']);
    const after = await operator.settled(made);
    expect(after.status.version.history).toMatchObject([{ state: 'Completed', version: '4.19.12' }]);
    const proxy = await admin().get(`${deployments('bare')}/openshift-apiserver`);
    expect(imagesOf(proxy)).toContain(OWN_IMAGE);
    expect(imagesOf(await admin().get(`${deployments('bare')}/kube-apiserver`))).toContain(OVERRIDE);
  });

  test('the annotation goes before the overrides, which go before the release', async () => {
    const [of, other, none] = await Promise.all([
      up('prefer', { version: '4.19.12' }),
      up('prefer-other', { version: '4.19.11' }),
      up('prefer-none', { version: '4.19.12', platform: 'None' }),
    ]);
    expect(await imageOf('prefer')).toBe(OVERRIDE);
    expect(await imageOf(other.metadata.name)).toBe(RELEASES['4.19.11']);
    expect(await imageOf(none.metadata.name)).toBe(RELEASES['4.19.12']);
    await annotate('prefer', FIX);
    await operator.settled(of);
    expect(await imageOf('prefer')).toBe(FIX);
  });

  test('an empty annotation, and an image that nobody knows, leave the operator that runs and block the rest', async () => {
    const made = await up('blocked');
    for (const value of ['', UNKNOWN]) {
      await annotate('blocked', value);
      await says('blocked', 'ReconciliationSucceeded', 'False');
      await operator.upgrade(made, '4.19.12');
      expect(await imageOf('blocked')).toBe(RELEASES['4.19.11']);
      const plane = await admin().get(`${HYPERSHIFT}/namespaces/${NS}-blocked/hostedcontrolplanes/blocked`);
      expect(plane.spec.releaseImage).toBe(made.spec.release.image);
      await operator.upgrade(made, '4.19.11');
      await annotate('blocked', null);
      await operator.settled(made);
    }
  });

  test('a paused cluster is left as it is, also until a time, and goes on afterwards', async () => {
    const made = await up('paused');
    const at = `${clusters}/paused`;
    await admin().merge(at, { spec: { pausedUntil: 'true' } });
    await says('paused', 'ReconciliationActive', 'False');
    await annotate('paused', FIX);
    // Another cluster gets through meanwhile; this one would have begun long before.
    await up('not-paused', { nodePools: 0 });
    expect(await imageOf('paused')).toBe(RELEASES['4.19.11']);
    await admin().merge(at, { spec: { pausedUntil: new Date(Date.now() + 2000).toISOString() } });
    expect(conditionsOf(await operator.settled(made)).ReconciliationActive).toBe('True');
    expect(await imageOf('paused')).toBe(FIX);
  });

  test('an operator that crashes leaves everything to the one before, and Degraded says so', async () => {
    await up('crashing');
    await annotate('crashing', CRASHES);
    await says('crashing', 'Degraded', 'True');
    const { status } = await admin().get(`${deployments('crashing')}/control-plane-operator`);
    expect(status).toMatchObject({ availableReplicas: 1, unavailableReplicas: 1 });
    const api = await admin().get(`${deployments('crashing')}/kube-apiserver`);
    expect(imagesOf(api)).toContain(RELEASES['4.19.11']);
    // The one before still keeps its components as it wants them.
    await admin().merge(`${deployments('crashing')}/oauth-openshift`, { spec: { replicas: 5 } });
    await admin().until(named(deployments('crashing'), 'oauth-openshift'), (it) => it.spec.replicas === 2);
  });

  test('a component that does not get ready stops those after it', async () => {
    const made = await up('stuck', { version: '4.20.3' });
    const components = `${HYPERSHIFT}/namespaces/${NS}-stuck/controlplanecomponents`;
    const etcd = await admin().get(`${components}/etcd`);
    expect(conditionsOf(etcd)).toEqual({ Available: 'True', RolloutComplete: 'True' });
    expect(etcd.status.version).toBe('4.20.3');
    expect(made.status.controlPlaneVersion.history).toMatchObject([
      { state: 'Completed', version: '4.20.3' },
    ]);

    await annotate('stuck', `hyperkube=${HYPERKUBE}`, OVERRIDES);
    await admin().until(
      named(components, 'kube-apiserver'),
      (it) => conditionsOf(it).RolloutComplete === 'False',
    );
    await says('stuck', 'Degraded', 'True');
    const waits = await admin().until(
      named(components, 'oauth-openshift'),
      (it) => conditionsOf(it).RolloutComplete === 'False',
    );
    expect(waits.status.conditions[1].reason).toBe('WaitingForDependencies');
    expect(waits.status.version).toBe('4.20.3');
    const first = await admin().get(`${statefulSets('stuck')}/etcd`);
    expect(first.metadata.generation).toBe(1);
    expect(conditionsOf(await admin().get(`${clusters}/stuck`)).Available).toBe('True');
    await annotate('stuck', null, OVERRIDES);
    await operator.settled(made);
    await says('stuck', 'Degraded', 'False');
  });

  test('a Deployment edited by hand is put back', async () => {
    await up('fought');
    for (const [name, image] of [
      ['control-plane-operator', RELEASES['4.19.11']],
      ['kube-apiserver', undefined],
    ] as const) {
      const before = await admin().get(`${deployments('fought')}/${name}`);
      const containers = before.spec.template.spec.containers.map((c: Thing) => ({ ...c, image: FIX }));
      const edited = await admin().merge(`${deployments('fought')}/${name}`, {
        spec: { template: { spec: { containers: [...containers, { name: 'more', image: FIX }] } } },
      });
      const back = await admin().until(
        named(deployments('fought'), name),
        (it) => it.metadata.generation > edited.metadata.generation,
      );
      expect(back.spec).toEqual(before.spec);
      if (image) expect(imagesOf(back)).toEqual([image]);
    }
  });

  test('with a single replica the API is away while it rolls', async () => {
    const made = await up('single', { availability: 'SingleReplica' });
    expect((await admin().get(`${statefulSets('single')}/etcd`)).spec.replicas).toBe(1);
    const away = says('single', 'KubeAPIServerAvailable', 'False');
    await annotate('single', FIX);
    expect(conditionsOf(await away).Available).toBe('False');
    await operator.settled(made);
    await says('single', 'Available', 'True');
  });

  test('another image rolls the nodes that reach the API server through an https proxy, and no others', async () => {
    const pools = `${HYPERSHIFT}/namespaces/${NS}/nodepools`;
    const httpsProxy = 'http://proxy.example:3128';
    const exempt = { httpsProxy, noProxy: '.example.com' };
    const [trapped, spared] = await Promise.all([
      up('trapped', { proxy: { httpsProxy } }),
      up('spared', { proxy: exempt }),
    ]);
    const before = await admin().get(`${pools}/trapped-1`);
    expect(conditionsOf(before)).toMatchObject({ Ready: 'True', UpdatingConfig: 'False' });
    const secrets = async (name: string) =>
      (await admin().get(`/api/v1/namespaces/${NS}-${name}/secrets`)).items.map(
        (s: Thing) => s.metadata.name,
      );
    const earlier = { trapped: await secrets('trapped'), spared: await secrets('spared') };
    await Promise.all([annotate('trapped', FIX), annotate('spared', FIX)]);
    await admin().until(named(pools, 'trapped-1'), (it) => conditionsOf(it).UpdatingConfig === 'True');
    expect(await secrets('trapped')).toHaveLength(earlier.trapped.length + 2);
    await operator.settled(spared);
    expect(conditionsOf(await admin().get(`${pools}/spared-1`)).UpdatingConfig).toBe('False');
    expect(await secrets('spared')).toEqual(earlier.spared);
    await annotate('trapped', null);
    await operator.settled(trapped);
    expect(conditionsOf(await admin().get(`${pools}/trapped-1`)).UpdatingConfig).toBe('False');
  });

  test('an upgrade is Partial, then Completed, and keeps the annotation', async () => {
    const made = await up('upgraded', { annotations: { [ANNOTATION]: FIX } });
    await operator.upgrade(made, '4.19.12');
    const during = await admin().until(
      named(clusters, 'upgraded'),
      (it) => it.status.version.history[0].state === 'Partial',
    );
    expect(conditionsOf(during).Progressing).toBe('True');
    const after = await operator.settled(made);
    expect(after.status.version.history).toMatchObject([
      { state: 'Completed', version: '4.19.12' },
      { state: 'Completed', version: '4.19.11' },
    ]);
    expect(conditionsOf(after).Progressing).toBe('False');
    expect(await imageOf('upgraded')).toBe(FIX);
  });

  test('what a test pretends stands above what is, until it ends', async () => {
    const made = await up('pretending', { nodePools: 0 });
    const sinceAt = '2026-01-01T00:00:00Z';
    operator.pretend(made, {
      EtcdRecoveryActive: { status: 'True' },
      InfrastructureReady: { status: 'False', sinceAt },
    });
    const told = await says('pretending', 'InfrastructureReady', 'False');
    expect(conditionsOf(told).EtcdRecoveryActive).toBe('True');
    const since = told.status.conditions.find((c: Thing) => c.type === 'InfrastructureReady');
    expect(since.lastTransitionTime).toBe(sinceAt);
    operator.pretend(made, {});
    await says('pretending', 'InfrastructureReady', 'True');
    const after = await admin().get(`${clusters}/pretending`);
    expect(conditionsOf(after)).not.toHaveProperty('EtcdRecoveryActive');
  });

  test('an empty HostedCluster, as an apply to a name that is gone makes one, harms no other', async () => {
    const body = { apiVersion: 'hypershift.openshift.io/v1beta1', kind: 'HostedCluster' };
    const metadata = { name: 'empty', annotations: { [ANNOTATION]: FIX } };
    await admin().apply(`${clusters}/empty`, { ...body, metadata }, { manager: 'somebody' });
    await says('empty', 'ReconciliationSucceeded', 'False');
    await up('after-empty', { nodePools: 0 });
  });

  test('a deleted cluster goes with all it had, and another of its name comes up anew', async () => {
    const made = await up('deleted');
    const gone = (async () => {
      for await (const { type, object } of admin().watch(named(clusters, 'deleted')))
        if (type === 'DELETED') return object;
      return undefined;
    })();
    await admin().remove(`${clusters}/deleted`);
    expect((await gone)?.metadata.uid).toBe(made.metadata.uid);
    expect((await admin().ask({ path: `/api/v1/namespaces/${NS}-deleted` })).status).toBe(404);
    const anew = await up('deleted');
    expect(anew.metadata.uid).not.toBe(made.metadata.uid);
  });

  test('it goes on after the API server was away', async () => {
    const made = await up('later');
    await cluster().apiServer.stop({ signal: 'SIGKILL' });
    await cluster().apiServer.start();
    await annotate('later', FIX);
    await operator.settled(made);
    expect(await imageOf('later')).toBe(FIX);
  });
});
