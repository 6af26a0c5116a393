// That the pretend operator does what the real one was read and measured to do, where Fleetfix depends on it.
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { named, type Thing } from '../api.ts';
import { crdFolders, installCrds } from '../crds.ts';
import { type Fate, type Kubelet, startKubelet } from '../kubelet.ts';
import { withCluster } from '../testing.ts';
import { type Operator, startOperator } from './operator.ts';

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

const ANNOTATION = 'hypershift.openshift.io/control-plane-operator-image';
const NS = 'ocm-test-1';
const ORDER = ['control-plane-operator', 'etcd', 'kube-apiserver', 'openshift-apiserver'];

const HYPERSHIFT = '/apis/hypershift.openshift.io/v1beta1';
const clusters = `${HYPERSHIFT}/namespaces/${NS}/hostedclusters`;
const deployments = (name: string) => `/apis/apps/v1/namespaces/${NS}-${name}/deployments`;
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
  const fates = new Map<string, Fate>([[CRASHES, 'crashes']]);

  beforeAll(async () => {
    if (cluster() === undefined) return;
    await installCrds(admin(), dir);
    kubelet = await startKubelet(admin(), { fateOf: (image) => fates.get(image) ?? 'runs' });
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
    const made = await up('one.a');
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
});
