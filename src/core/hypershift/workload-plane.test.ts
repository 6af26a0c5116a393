import { expect, test } from 'vitest';
import { driftOfWorkload } from './drift.ts';
import { markText } from './mark.ts';
import { MARK, type Workload } from './objects.ts';
import type { ComponentSettings } from './settings.ts';
import { settingsFaults } from './settings.ts';
import { ago, condition, look, NEW, OLD, podOf, podsOf, SETTINGS, workloadOf } from './testing.ts';
import { planeOfWorkload } from './workload-plane.ts';

const repository = 'registry.example/fixes/hypershift-operator';
const component: ComponentSettings = {
  name: 'hypershift-operator',
  lever: 'workload-image',
  repository,
  workload: { kind: 'Deployment', namespace: 'hypershift', name: 'operator', container: 'operator' },
};
const image = `${repository}@${NEW}`;
const mark = {
  key: 'k',
  fix: 'FIX-1',
  sequence: 1,
  component: component.name,
  image,
  before: `quay.io/ho/ho@${OLD}`,
};
const operator = (ref: string, metadata: Partial<Workload['metadata']> = {}, replicas = 2): Workload => {
  const workload = workloadOf(['Deployment', 'operator'], { operator: ref }, { replicas });
  return { ...workload, metadata: { ...workload.metadata, namespace: 'hypershift', ...metadata } };
};
const patched = operator(image, { annotations: { [MARK]: markText(mark) } });
const see = (workload: Workload, pods = podsOf([workload])) =>
  planeOfWorkload({ workload, pods }, { ...look, settings: SETTINGS, component });

test('a workload is a control plane of one component, on no release', () => {
  expect(see(operator(`quay.io/ho/ho@${OLD}`))).toEqual({
    uid: 'uid-operator',
    name: 'operator.hypershift',
    managementCluster: 'mc-1',
    region: 'us-east-1',
    sector: 'canary',
    customer: 'none',
    platform: 'management-cluster',
    version: 'none',
    availability: 'HighlyAvailable',
    components: { 'hypershift-operator': { digest: OLD, release: OLD } },
  });
});

test('its override is what the mark says we wrote, while the template still holds it', () => {
  expect(see(patched).components[component.name]).toEqual({ digest: NEW, release: OLD, override: NEW });
  const deployed = operator(`quay.io/ho/ho@${OLD}`, { annotations: { [MARK]: markText(mark) } });
  expect(see(deployed).components[component.name]).toEqual({ digest: OLD, release: OLD });
});

test('while two images run none is reported', () => {
  expect(
    see(patched, [podOf(patched), podOf(patched, { operator: `quay.io/ho/ho@${OLD}` }, 1)]).components[
      component.name
    ],
  ).toEqual({
    release: OLD,
    override: NEW,
  });
});

test('pods that cannot start, or are long not ready, make it unhealthy', () => {
  const pod = podOf(patched, { operator: undefined });
  const since = (ms: number) => [condition('Ready', 'False', { lastTransitionTime: ago(ms) })];
  const waiting = [{ name: 'operator', state: { waiting: { reason: 'CrashLoopBackOff' } } }];
  const stuck = {
    ...pod,
    status: { phase: 'Running', conditions: since(180_000), containerStatuses: waiting },
  };
  expect(see(patched, [stuck]).unhealthy).toBe('CrashLoopBackOff: operator of pod operator-0');
  const unready = { ...podOf(patched), status: { ...podOf(patched).status, conditions: since(600_000) } };
  expect(see(patched, [unready]).unhealthy).toBe('pod operator-0 is not ready');
  expect(
    see(patched, [{ ...unready, status: { ...unready.status, conditions: since(1) } }]).unhealthy,
  ).toBeUndefined();
});

test('who applies its image himself, or deletes it, holds it', () => {
  const fieldsV1 = {
    'f:spec': {
      'f:template': { 'f:spec': { 'f:containers': { 'k:{"name":"operator"}': { 'f:image': {} } } } },
    },
  };
  const applied = operator(image, { managedFields: [{ manager: 'argocd', operation: 'Apply', fieldsV1 }] });
  expect(see(applied).held).toBe('its image is applied by argocd, who would put it back');
  expect(see(operator(image, { deletionTimestamp: ago(0) })).held).toBe(
    `it is being deleted since ${ago(0)}`,
  );
  expect(see(patched).held).toBeUndefined();
});

test('drift of a workload is told with what stands there', () => {
  const drift = (workload: Workload, uid = 'uid-operator') =>
    driftOfWorkload(workload, { component, uid, digest: NEW });
  expect(drift(patched)).toBeUndefined();
  expect(drift(operator('quay.io/ho/ho:v2'))).toEqual({
    kind: 'overwritten',
    says: 'the image of Deployment operator.hypershift was overwritten with quay.io/ho/ho:v2',
  });
  expect(drift(patched, 'uid-0')?.kind).toBe('re-created');
});

test('settings may accept what people may accept, and say so of anything else', () => {
  const components = [component];
  expect(settingsFaults({ components, accepted: ['single replica', 'proxy trap'] })).toEqual([]);
  expect(settingsFaults({ components, accepted: ['paused'] })).toEqual([
    'guard "paused" always holds: only single replica and proxy trap may be accepted',
  ]);
});

test('conditions may be usual at a place, but none that says that the control plane itself is not right', () => {
  const components = [component];
  expect(settingsFaults({ components, usual: ['IgnitionEndpointAvailable'] })).toEqual([]);
  expect(settingsFaults({ components, usual: ['Available', 'Degraded'] })).toEqual(
    ['Available', 'Degraded'].map(
      (type) => `condition ${type} is never usual: it says that the control plane itself is not right`,
    ),
  );
});

test('settings say what no single field shows to be wrong', () => {
  const { workload: _, ...bare } = component;
  const annotated: ComponentSettings = { name: 'a', lever: 'annotation', repository };
  expect(settingsFaults({ components: [component, annotated] })).toEqual([]);
  expect(
    settingsFaults({
      components: [
        bare,
        annotated,
        { ...annotated, name: 'b' },
        { name: 'b', lever: 'image-overrides', repository: 'r.example/x:v1' },
      ],
    }),
  ).toEqual([
    'component b is there twice',
    'a and b both use the annotation, of which a hosted cluster has one',
    'hypershift-operator uses workload-image: give its workload (kind, namespace, name, container)',
    'repository "r.example/x:v1" of b: expected host/path without tag or digest',
    "b uses image-overrides: give its payloadName, the component's name in the release",
  ]);
});
