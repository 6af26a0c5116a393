// That our small definitions behave like HyperShift's own where Fleetfix depends on it. With FLEETFIX_CRDS set
// to a folder with the real ones, the same is asked of those.
import { beforeAll, describe, expect, test } from 'vitest';
import type { Thing } from './api.ts';
import { crdFolders, installCrds } from './crds.ts';
import { withCluster } from './testing.ts';

const GROUP = '/apis/hypershift.openshift.io/v1beta1';
const HERE = `${GROUP}/namespaces/default`;
const FIX = 'hypershift.openshift.io/control-plane-operator-image';
const NOW = '2026-01-01T00:00:00Z';

const services = ['APIServer', 'OAuthServer', 'Konnectivity', 'Ignition'].map((service) => ({
  service,
  servicePublishingStrategy: { type: 'Route', route: {} },
}));

const hostedCluster = (name: string, more: Thing = {}): Thing => ({
  apiVersion: 'hypershift.openshift.io/v1beta1',
  kind: 'HostedCluster',
  metadata: { name },
  spec: {
    clusterID: '7dd6b3f5-6bb0-4a1e-9a3f-0d5a1a5d1c11',
    infraID: `${name}-x7k2p`,
    release: { image: 'registry.example/release:4.17.20' },
    pullSecret: { name: 'pull' },
    dns: { baseDomain: 'example.com' },
    platform: { type: 'AWS' },
    services,
    ...more,
  },
});

/** What a lever applies: one annotation, and the uid where it is given. */
const lever = (name: string, uid?: string): Thing => ({
  apiVersion: 'hypershift.openshift.io/v1beta1',
  kind: 'HostedCluster',
  metadata: {
    name,
    annotations: { [FIX]: `registry.example/cpo@sha256:${'2'.repeat(64)}` },
    ...(uid && { uid }),
  },
});

describe.each(crdFolders())('with $name', ({ dir }) => {
  const cluster = withCluster();
  const admin = () => cluster().admin;
  const by = { manager: 'fleetfix' };

  beforeAll(async () => {
    if (cluster() !== undefined) await installCrds(admin(), dir);
  });

  test('the kinds that Fleetfix reads are served with a status of their own', async () => {
    const { resources } = await admin().get(GROUP);
    const names = resources.map(({ name }: Thing) => name);
    for (const kind of ['hostedclusters', 'hostedcontrolplanes', 'nodepools', 'controlplanecomponents']) {
      expect(names).toContain(kind);
      expect(names).toContain(`${kind}/status`);
    }
  });

  test('installing them again changes nothing', async () => {
    const names = await installCrds(admin(), dir);
    expect(names).toContain('hostedclusters.hypershift.openshift.io');
  });

  test('an annotation-only apply to a name that is gone makes an empty cluster, and with a uid it does not', async () => {
    await expect(
      admin().apply(`${HERE}/hostedclusters/gone`, lever('gone', 'b0d5'), by),
    ).rejects.toMatchObject({ status: 409 });
    const made = await admin().apply(`${HERE}/hostedclusters/gone`, lever('gone'), by);
    expect(made.metadata.annotations).toHaveProperty([FIX]);
    await admin().remove(`${HERE}/hostedclusters/gone`);
  });

  test('the annotation comes and goes without a new generation, and the rest of the object stays', async () => {
    const made = await admin().create(`${HERE}/hostedclusters`, hostedCluster('one'));
    const at = `${HERE}/hostedclusters/one`;
    const applied = await admin().apply(at, lever('one', made.metadata.uid), by);
    const empty = { ...lever('one', made.metadata.uid), metadata: { name: 'one', uid: made.metadata.uid } };
    const removed = await admin().apply(at, empty, by);
    expect(removed.metadata.annotations ?? {}).not.toHaveProperty([FIX]);
    expect([applied, removed].map((it) => it.metadata.generation)).toEqual([1, 1]);
    expect(removed.spec).toEqual(made.spec);
  });

  test('another manager of the same annotation is a conflict that names it', async () => {
    const { metadata } = await admin().create(`${HERE}/hostedclusters`, hostedCluster('two'));
    const at = `${HERE}/hostedclusters/two`;
    const theirs = lever('two', metadata.uid);
    theirs.metadata.annotations[FIX] = 'registry.example/theirs:1';
    await admin().apply(at, theirs, { manager: 'support' });
    await expect(admin().apply(at, lever('two', metadata.uid), by)).rejects.toMatchObject({
      status: 409,
      message: expect.stringContaining('support'),
    });
  });

  test('what a HostedCluster leaves out is filled in, and what it must say is asked for', async () => {
    const { spec } = await admin().create(`${HERE}/hostedclusters`, hostedCluster('three'));
    expect(spec).toMatchObject({
      controllerAvailabilityPolicy: 'HighlyAvailable',
      etcd: { managementType: 'Managed' },
    });
    const refused = admin().create(`${HERE}/hostedclusters`, hostedCluster('four', { release: undefined }));
    await expect(refused).rejects.toMatchObject({
      status: 422,
      message: expect.stringContaining('spec.release'),
    });
    const at = `${HERE}/hostedclusters/three`;
    const other = { spec: { clusterID: '00000000-0000-0000-0000-000000000000' } };
    await expect(admin().merge(at, other)).rejects.toThrow('clusterID is immutable');
    await expect(admin().merge(at, { spec: { pausedUntil: 'soon' } })).rejects.toThrow('PausedUntil must be');
    expect((await admin().merge(at, { spec: { pausedUntil: NOW } })).spec.pausedUntil).toBe(NOW);
  });

  test('a status is written beside the spec, and its version needs the list of available updates', async () => {
    const made = await admin().create(`${HERE}/hostedclusters`, hostedCluster('five'));
    const at = `${HERE}/hostedclusters/five/status`;
    const desired = { image: made.spec.release.image, version: '4.17.20' };
    const history = [
      { ...desired, state: 'Completed', verified: true, startedTime: NOW, completionTime: NOW },
    ];
    const conditions = [
      { type: 'Available', status: 'True', reason: 'AsExpected', message: '', lastTransitionTime: NOW },
    ];
    const status = { conditions, version: { desired, history, observedGeneration: 1, availableUpdates: [] } };
    const written = await admin().merge(at, { status });
    expect(written.status).toMatchObject(status);
    expect(written.metadata.generation).toBe(made.metadata.generation);
    const without = { status: { version: { availableUpdates: null } } };
    await expect(admin().merge(at, without)).rejects.toMatchObject({ status: 422 });
    const twice = { status: { conditions: [...conditions, ...conditions] } };
    await expect(admin().merge(at, twice)).rejects.toMatchObject({ status: 422 });
  });

  test('a control plane, a node pool and a component are taken as HyperShift writes them', async () => {
    const apiVersion = 'hypershift.openshift.io/v1beta1';
    const release = 'registry.example/release:4.17.20';
    const managed = { storage: { type: 'PersistentVolume' } };
    await admin().create(`${HERE}/hostedcontrolplanes`, {
      apiVersion,
      kind: 'HostedControlPlane',
      metadata: { name: 'one' },
      spec: {
        releaseImage: release,
        infraID: 'one-x7k2p',
        issuerURL: 'https://kubernetes.default.svc',
        pullSecret: { name: 'pull' },
        sshKey: {},
        dns: { baseDomain: 'example.com' },
        platform: { type: 'AWS' },
        etcd: { managementType: 'Managed', managed },
        services,
      },
    });
    const pool = await admin().create(`${HERE}/nodepools`, {
      apiVersion,
      kind: 'NodePool',
      metadata: { name: 'one-a' },
      spec: {
        clusterName: 'one',
        replicas: 2,
        release: { image: release },
        management: { upgradeType: 'Replace' },
        platform: { type: 'None' },
      },
    });
    expect(pool.spec.arch).toBe('amd64');
    // Pausing by a partial apply, for the probe whether a fix would roll the workers.
    const paused = {
      apiVersion,
      kind: 'NodePool',
      metadata: { name: 'one-a', uid: pool.metadata.uid },
      spec: { pausedUntil: NOW },
    };
    expect((await admin().apply(`${HERE}/nodepools/one-a`, paused, by)).spec).toMatchObject({
      replicas: 2,
      pausedUntil: NOW,
    });
    const condition = {
      type: 'RolloutComplete',
      status: 'True',
      reason: 'AsExpected',
      message: '',
      lastTransitionTime: NOW,
    };
    await admin().create(`${HERE}/controlplanecomponents`, {
      apiVersion,
      kind: 'ControlPlaneComponent',
      metadata: { name: 'etcd' },
      spec: {},
    });
    const component = await admin().merge(`${HERE}/controlplanecomponents/etcd/status`, {
      status: { version: '4.17.20', conditions: [condition] },
    });
    expect(component.status.conditions).toEqual([condition]);
  });
});
