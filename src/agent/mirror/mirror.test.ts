// Goal: who is judged again when something changes, and by what, in whatever order it is heard of.
import { describe, expect, test } from 'vitest';
import type { Meta } from '../../core/hypershift/objects.ts';
import type { Kind } from './kinds.ts';
import { createMirror, type Mirror } from './mirror.ts';

type Thing = { readonly metadata: Meta } & Record<string, unknown>;
const thing = (namespace: string, name: string, more: object = {}): Thing => ({
  metadata: { name, namespace, uid: `${namespace}/${name}` },
  ...more,
});
let elapsedMs = 0;
const CLUSTER = thing('clusters', 'a.b');
const NS = 'clusters-a-b';
const pool = thing('clusters', 'workers', { spec: { clusterName: 'a.b', secret: 'never kept' } });

const kind = (mirror: Mirror, plural: string): Kind =>
  mirror.kinds.find((k) => k.resource.plural === plural)!;
const say = (mirror: Mirror, plural: string, one: Thing) => {
  const it = kind(mirror, plural);
  it.onChanged(it.keep(one)!, one.metadata.uid);
};
const list = (mirror: Mirror, plural: string, ...all: Thing[]) => {
  const it = kind(mirror, plural);
  it.onSynced(new Map(all.map((one) => [one.metadata.uid, it.keep(one)!])));
};

function whole(): Mirror {
  const mirror = createMirror({ components: [] }, () => elapsedMs);
  for (const { resource } of mirror.kinds) list(mirror, resource.plural);
  return mirror;
}

test('it is whole when every kind has been listed once', () => {
  const mirror = createMirror({ components: [] }, () => elapsedMs);
  for (const { resource } of mirror.kinds) {
    expect(mirror.isWhole()).toBe(false);
    list(mirror, resource.plural);
  }
  expect(mirror.isWhole()).toBe(true);
});

test.each([['the cluster first'], ['the cluster last']])(
  'what belongs together is found together, %s',
  (order) => {
    const mirror = whole();
    if (order === 'the cluster first') say(mirror, 'hostedclusters', CLUSTER);
    say(mirror, 'deployments', thing(NS, 'cpo'));
    say(mirror, 'statefulsets', thing(NS, 'etcd'));
    say(mirror, 'pods', thing(NS, 'etcd-0'));
    say(mirror, 'controlplanecomponents', thing(NS, 'etcd-component'));
    say(mirror, 'nodepools', pool);
    say(mirror, 'nodepools', thing('clusters', 'others', { spec: { clusterName: 'z' } }));
    say(mirror, 'pods', thing('elsewhere', 'x'));
    if (order === 'the cluster last') say(mirror, 'hostedclusters', CLUSTER);
    expect(mirror.changed()).toEqual(['clusters/a.b']);
    const hosted = mirror.hosted('clusters/a.b')!;
    expect(hosted.workloads.map((w) => [w.kind, w.metadata.name])).toEqual([
      ['Deployment', 'cpo'],
      ['StatefulSet', 'etcd'],
    ]);
    expect([hosted.pods.length, hosted.components.length]).toEqual([1, 1]);
    expect(hosted.nodePools.map((p) => [p.metadata.name, p.spec])).toEqual([
      ['workers', { clusterName: 'a.b' }],
    ]);
  },
);

test('a node pool belongs to the one hosted cluster it names, whatever its namespace and whatever sounds alike', () => {
  const mirror = whole();
  const of = (name: string, clusterName: string, namespace = 'clusters') =>
    thing(namespace, name, { spec: { clusterName } });
  // The control planes of these two would have the same namespace.
  for (const name of ['a.b', 'a-b']) say(mirror, 'hostedclusters', thing('clusters', name));
  for (const one of [of('p1', 'a.b'), of('p2', 'a-b'), of('p3', 'a.b'), of('p4', 'a.b', 'elsewhere')])
    say(mirror, 'nodepools', one);
  const poolsOf = (uid: string) => mirror.hosted(uid)!.nodePools.map((p) => p.metadata.name);
  expect([poolsOf('clusters/a.b'), poolsOf('clusters/a-b')]).toEqual([['p1', 'p3'], ['p2']]);
  say(mirror, 'nodepools', of('p1', 'a-b'));
  say(mirror, 'nodepools', of('p3', 'a.b'));
  expect([poolsOf('clusters/a.b'), poolsOf('clusters/a-b')]).toEqual([['p3'], ['p2', 'p1']]);
  kind(mirror, 'nodepools').onGone('clusters/p1');
  kind(mirror, 'nodepools').onGone('clusters/p3');
  expect([poolsOf('clusters/a.b'), poolsOf('clusters/a-b')]).toEqual([[], ['p2']]);
});

test.each([
  ['deployments', thing(NS, 'cpo')],
  ['pods', thing(NS, 'cpo-1')],
  ['nodepools', pool],
  ['controlplanecomponents', thing(NS, 'etcd')],
  ['hostedclusters', CLUSTER],
])('a change of %s, and its end, concern the hosted cluster and no other', (plural, one) => {
  const mirror = whole();
  say(mirror, 'hostedclusters', CLUSTER);
  say(mirror, 'hostedclusters', thing('clusters', 'other'));
  mirror.changed();
  say(mirror, plural, one);
  expect(mirror.changed()).toEqual(['clusters/a.b']);
  kind(mirror, plural).onGone(one.metadata.uid);
  expect(mirror.changed()).toEqual(['clusters/a.b']);
  kind(mirror, plural).onGone(one.metadata.uid);
  expect(mirror.changed()).toEqual([]);
});

test('a list that leaves some out says that they are gone, of its own kind alone', () => {
  const mirror = whole();
  say(mirror, 'hostedclusters', CLUSTER);
  say(mirror, 'deployments', thing(NS, 'cpo'));
  say(mirror, 'statefulsets', thing(NS, 'etcd'));
  list(mirror, 'deployments', thing(NS, 'new'));
  const names = mirror.hosted('clusters/a.b')!.workloads.map((w) => w.metadata.name);
  expect(names.sort()).toEqual(['etcd', 'new']);
  list(mirror, 'hostedclusters');
  expect([mirror.uids(), mirror.hosted('clusters/a.b')]).toEqual([[], undefined]);
});

test('one that was created again under its name is another; the end of the first does not hide it', () => {
  const mirror = whole();
  const again = { ...CLUSTER, metadata: { ...CLUSTER.metadata, uid: 'second' } };
  say(mirror, 'hostedclusters', CLUSTER);
  say(mirror, 'hostedclusters', again);
  kind(mirror, 'hostedclusters').onGone('clusters/a.b');
  mirror.changed();
  say(mirror, 'pods', thing(NS, 'p'));
  expect([mirror.changed(), mirror.uids()]).toEqual([['second'], ['second']]);
});

test('a kind that cannot be followed for a while is named until it can be again', () => {
  const mirror = whole();
  kind(mirror, 'pods').onTrouble('403 pods is forbidden');
  expect(mirror.troubles()).toEqual([]);
  elapsedMs += 20_000;
  kind(mirror, 'pods').onTrouble('500 of pods');
  expect(mirror.troubles()).toEqual(['500 of pods']);
  kind(mirror, 'pods').onFollowed();
  expect(mirror.troubles()).toEqual([]);
});

describe('workloads that are targets of their own', () => {
  const deployment = { kind: 'Deployment', name: 'operator', container: 'operator' } as const;
  const component = (namespace?: string) => ({
    name: 'ho',
    lever: 'workload-image' as const,
    repository: 'quay.example/ho',
    workload: { ...deployment, ...(namespace && { namespace }) },
  });
  const operator = (namespace: string) =>
    thing(namespace, 'operator', { spec: { selector: { matchLabels: { app: 'o' } } } });
  const pod = (namespace: string, name: string, labels: object) => ({
    metadata: { name, namespace, uid: name, labels },
  });

  test('of the management cluster: found by name, with their pods, and touched by both', () => {
    const mirror = createMirror({ components: [component('hypershift')] }, () => 0);
    for (const it of mirror.kinds) it.onSynced(new Map());
    const podsThere = mirror.kinds.find((k) => k.resource.api === '/api/v1/namespaces/hypershift')!;
    say(mirror, 'deployments', operator('hypershift'));
    say(mirror, 'deployments', operator('elsewhere'));
    expect([mirror.uids(), mirror.changed()]).toEqual([['hypershift/operator'], ['hypershift/operator']]);
    for (const one of [pod('hypershift', 'o-1', { app: 'o' }), pod('hypershift', 'x-1', { app: 'x' })])
      podsThere.onChanged(podsThere.keep(one)!, one.metadata.name);
    expect(mirror.changed()).toEqual(['hypershift/operator']);
    const found = mirror.workload('hypershift/operator')!;
    expect([found.component.name, found.pods.map((p) => p.metadata.name)]).toEqual(['ho', ['o-1']]);
    kind(mirror, 'pods').onSynced(new Map());
    expect(mirror.workload('hypershift/operator')!.pods.length).toBe(1);
    kind(mirror, 'deployments').onGone('hypershift/operator');
    expect([mirror.uids(), mirror.isGone('hypershift/operator')]).toEqual([[], true]);
  });

  test('in the namespace of a control plane: with its pods, which bear the label of one', () => {
    const mirror = createMirror({ components: [component(NS)] }, () => 0);
    for (const it of mirror.kinds) it.onSynced(new Map());
    say(mirror, 'hostedclusters', CLUSTER);
    say(mirror, 'deployments', operator(NS));
    const label = { 'hypershift.openshift.io/hosted-control-plane': 'x' };
    // Both kinds of pods that are followed there see it; one of them has it.
    for (const { resource, keep, onChanged, onGone } of mirror.kinds) {
      if (resource.plural !== 'pods') continue;
      for (const one of [pod(NS, 'o-1', { ...label, app: 'o' }), pod(NS, 'o-2', { app: 'o' })]) {
        if (resource.labelSelector !== undefined && one.metadata.name === 'o-2') continue;
        const kept = keep(one);
        if (kept === undefined) onGone(one.metadata.uid);
        else onChanged(kept, one.metadata.uid);
      }
    }
    const names = (pods: readonly { readonly metadata: Meta }[]) => pods.map((p) => p.metadata.name);
    expect(names(mirror.workload(`${NS}/operator`)!.pods)).toEqual(['o-1', 'o-2']);
    expect(names(mirror.hosted('clusters/a.b')!.pods)).toEqual(['o-1', 'o-2']);
  });

  test('of every control plane: one each, as soon as the control plane is known', () => {
    const mirror = createMirror({ components: [component()] }, () => 0);
    for (const it of mirror.kinds) it.onSynced(new Map());
    say(mirror, 'deployments', operator(NS));
    expect(mirror.uids()).toEqual([]);
    mirror.changed();
    say(mirror, 'hostedclusters', CLUSTER);
    expect(mirror.changed()).toEqual(['clusters/a.b', `${NS}/operator`]);
  });
});

test('of a hosted cluster who owns which annotation is kept, and what else is owned is not', () => {
  const mirror = whole();
  const managedFields = [
    {
      manager: 'fleetfix',
      operation: 'Apply',
      time: 'x',
      fieldsV1: { 'f:metadata': { 'f:annotations': { 'f:k': {} }, 'f:labels': {} } },
    },
    { manager: 'ho', operation: 'Update', fieldsV1: { 'f:status': {} } },
  ];
  say(mirror, 'hostedclusters', {
    ...CLUSTER,
    metadata: { ...CLUSTER.metadata, managedFields, resourceVersion: '7' },
  });
  expect(mirror.hosted('clusters/a.b')!.cluster.metadata).toEqual({
    ...CLUSTER.metadata,
    resourceVersion: '7',
    managedFields: [
      {
        manager: 'fleetfix',
        operation: 'Apply',
        fieldsV1: { 'f:metadata': { 'f:annotations': { 'f:k': {} } } },
      },
    ],
  });
});
