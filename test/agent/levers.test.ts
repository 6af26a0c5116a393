// Goal: every lever on a real API server: its own entry or image and nobody else's, there and back.

import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, expect, test, vi } from 'vitest';
import type { Digest } from '../../src/core/base/ids.ts';
import type { ReportedPlane } from '../../src/core/hypershift/inventory.ts';
import { IMAGE_OVERRIDES } from '../../src/core/hypershift/objects.ts';
import type { ComponentSettings } from '../../src/core/hypershift/settings.ts';
import { installCrds } from '../cluster/crds.ts';
import { type Operator, startOperator } from '../cluster/hypershift/operator.ts';
import { payloadImage } from '../cluster/hypershift/options.ts';
import { type Kubelet, startKubelet } from '../cluster/kubelet.ts';
import { withCluster } from '../cluster/testing.ts';
import { PATIENCE_MS } from '../patience.ts';
import { type OverShoulder, overShoulder, type RunningAgent, startAgent } from './over-shoulder.ts';

const digest = (letter: string): Digest => `sha256:${letter.repeat(64)}`;
const [RELEASE, FIX, THEIRS] = [digest('e'), digest('f'), digest('d')];
const VERSION = '4.20.3';
const cluster = withCluster();
let kubelet: Kubelet | undefined;
let operator: Operator | undefined;
let hub: OverShoulder;
let agent: RunningAgent | undefined;
let state: string;

beforeAll(async () => {
  if (cluster() === undefined) return;
  const { admin } = cluster();
  await installCrds(admin);
  kubelet = await startKubelet(admin);
  operator = startOperator(admin, { releases: { [VERSION]: `quay.example/release/cpo@${RELEASE}` } });
});
afterAll(async () => {
  await operator?.stop();
  await kubelet?.stop();
});
beforeEach(() => {
  hub = overShoulder('mc-1');
  state = mkdtempSync(join(tmpdir(), 'agent-state-'));
});
afterEach(async () => {
  await agent?.stop();
  agent = undefined;
  hub?.close();
  rmSync(state, { recursive: true, force: true });
});

const startWith = async (component: ComponentSettings) => {
  agent = await startAgent({
    hub,
    server: cluster().url,
    ca: cluster().ca,
    token: cluster().tokenOf('admin'),
    settings: {
      managementCluster: 'mc-1',
      region: 'eu',
      sector: 'main',
      components: [component],
      labels: {},
    },
    dir: state,
  });
};
const reported = (name: string, holds: (plane: ReportedPlane) => boolean) =>
  vi.waitFor(
    () => {
      const plane = hub.planes.get(name);
      if (plane === undefined || !holds(plane)) throw new Error(`${name}: ${JSON.stringify(plane)}`);
      return plane;
    },
    { timeout: PATIENCE_MS, interval: 50 },
  );
const done = async (key: string) => {
  await vi.waitFor(
    () => {
      if (!hub.settled.has(key)) throw new Error(`${key} is not settled`);
    },
    { timeout: PATIENCE_MS, interval: 25 },
  );
  expect(hub.refused.get(key)).toBeUndefined();
};
const remove = { action: 'remove', digest: undefined as never } as const;

test('image-overrides: our component comes and goes, what others wrote stays as it is', async () => {
  const name = 'oauth-openshift';
  await startWith({
    name: 'oauth',
    lever: 'image-overrides',
    repository: 'quay.example/hotfix/oauth',
    payloadName: 'oauth-server',
    workload: { kind: 'Deployment', name, container: name },
  });
  const theirs = `etcd=quay.example/theirs@${THEIRS}`;
  const path = '/apis/hypershift.openshift.io/v1beta1/namespaces/clusters/hostedclusters/shared';
  await operator!.makeCluster({
    namespace: 'clusters',
    name: 'shared',
    version: VERSION,
    annotations: { [IMAGE_OVERRIDES]: theirs },
  });
  const released = payloadImage('oauth-server', {
    version: VERSION,
    operator: '',
    overrides: new Map(),
  }).split('@')[1] as Digest;
  const runs = (which: Digest) =>
    reported('shared.clusters', (p) => p.components.oauth?.digest === which && !p.upgrading && !p.held);
  const plane = await runs(released);
  const order = hub.order(plane, { digest: FIX });
  await done(order.key);
  const overrides = async () => (await cluster().admin.get(path)).metadata.annotations[IMAGE_OVERRIDES];
  expect(await overrides()).toBe(`${theirs},oauth-server=quay.example/hotfix/oauth@${FIX}`);
  const patched = await runs(FIX);
  expect(patched.components.oauth).toEqual({ digest: FIX, release: released, override: FIX });
  await done(hub.order(patched, remove).key);
  expect(await overrides()).toBe(theirs);
  await runs(released);
});

test('the image of a workload: written over whoever made it, and what ran before is written back', async () => {
  const before = digest('a');
  const { admin } = cluster();
  await admin.create('/api/v1/namespaces', { metadata: { name: 'hypershift' } });
  const labels = { app: 'operator' };
  await admin.create('/apis/apps/v1/namespaces/hypershift/deployments', {
    metadata: { name: 'operator' },
    spec: {
      replicas: 2,
      selector: { matchLabels: labels },
      template: {
        metadata: { labels },
        spec: {
          containers: [
            { name: 'operator', image: `quay.example/release/ho@${before}`, args: ['run'] },
            { name: 'proxy', image: `quay.example/proxy@${THEIRS}` },
          ],
        },
      },
    },
  });
  await startWith({
    name: 'hypershift-operator',
    lever: 'workload-image',
    repository: 'quay.example/hotfix/ho',
    workload: { kind: 'Deployment', namespace: 'hypershift', name: 'operator', container: 'operator' },
  });
  const runs = (which: Digest) =>
    reported('operator.hypershift', (p) => p.components['hypershift-operator']?.digest === which && !p.held);
  const plane = await runs(before);
  expect(plane).toMatchObject({ platform: 'management-cluster', availability: 'HighlyAvailable' });
  await done(hub.order(plane, { digest: FIX }).key);
  const patched = await runs(FIX);
  const template = async () =>
    (await admin.get('/apis/apps/v1/namespaces/hypershift/deployments/operator')).spec.template.spec
      .containers;
  expect((await template()).map((c: { image: string }) => c.image)).toEqual([
    `quay.example/hotfix/ho@${FIX}`,
    `quay.example/proxy@${THEIRS}`,
  ]);
  expect((await template())[0].args).toEqual(['run']);
  await done(hub.order(patched, remove).key);
  await runs(before);
  expect((await template())[0].image).toBe(`quay.example/release/ho@${before}`);
});
