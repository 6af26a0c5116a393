// Goal: the agent's identity can do what it needs and is refused everything else it tries, on a real API server with the
// manifests that are deployed.

import { beforeAll, describe, expect, test, vi } from 'vitest';
import { CPO_IMAGE, IMAGE_OVERRIDES, MARK } from '../../src/core/hypershift/objects.ts';
import type { Question, Thing } from '../cluster/api.ts';
import { crdFolders, installCrds } from '../cluster/crds.ts';
import { withCluster } from '../cluster/testing.ts';
import { PATIENCE_MS } from '../patience.ts';
import { AGENT, applyRights } from './rights.ts';

const REF = `quay.example/hotfix@sha256:${'a'.repeat(64)}`;
const CLUSTERS = '/apis/hypershift.openshift.io/v1beta1/namespaces/default/hostedclusters';
const ONE = `${CLUSTERS}/one`;

describe.each(crdFolders())('with $name', ({ dir }) => {
  const cluster = withCluster({ identities: [{ user: AGENT }] });
  const as = () => cluster().as(AGENT);
  const apply = (metadata: Thing, more: Thing = {}): Question => ({
    method: 'PATCH',
    path: `${ONE}?fieldManager=fleetfix`,
    contentType: 'application/apply-patch+yaml',
    body: {
      apiVersion: 'hypershift.openshift.io/v1beta1',
      kind: 'HostedCluster',
      metadata: { name: 'one', namespace: 'default', ...metadata },
      ...more,
    },
  });
  const merge = (body: Thing, path = ONE): Question => ({
    method: 'PATCH',
    path,
    contentType: 'application/merge-patch+json',
    body,
  });
  const annotate = (annotations: Thing): Question => merge({ metadata: { annotations } });
  /** Somebody who is not held by the policy. */
  const people = async (annotations: Thing): Promise<void> => {
    const { status } = await cluster().admin.ask({
      ...annotate(annotations),
      path: `${ONE}?fieldManager=people`,
    });
    expect(status).toBe(200);
  };
  const LEVER = { annotations: { [CPO_IMAGE]: REF, [MARK]: '{}' } };
  let uid: string;

  beforeAll(async () => {
    const { admin } = cluster() ?? {};
    // Where there is no cluster every test is skipped with the reason.
    if (admin === undefined) return;
    await installCrds(admin, dir);
    await applyRights(admin);
    const made = await admin.create(CLUSTERS, HOSTED);
    uid = made.metadata.uid;
    // A policy counts a moment after it was written. Asked without doing it: what was let through before would be no change after.
    await vi.waitFor(
      async () => {
        const { status } = await as().ask(merge({ spec: { pausedUntil: 'true' } }, `${ONE}?dryRun=All`));
        if (status !== 422) throw new Error(`the policy does not count yet: ${status}`);
      },
      { timeout: PATIENCE_MS },
    );
  });

  test('it may follow what it follows', async () => {
    for (const path of [
      '/apis/hypershift.openshift.io/v1beta1/hostedclusters',
      '/apis/hypershift.openshift.io/v1beta1/nodepools',
      '/apis/hypershift.openshift.io/v1beta1/controlplanecomponents',
      '/apis/apps/v1/deployments',
      '/apis/apps/v1/statefulsets',
      '/apis/apps/v1/daemonsets',
      '/api/v1/pods',
    ])
      expect([path, (await as().ask({ path: `${path}?limit=1` })).status]).toEqual([path, 200]);
  });

  test('it may move its lever, again, and take it away', async () => {
    const other = { [CPO_IMAGE]: REF.replace('aa', 'bb'), [MARK]: '{}' };
    for (const annotations of [LEVER.annotations, other, { [MARK]: '{}' }, {}]) {
      const { status, body } = await as().ask(apply({ uid, annotations }));
      expect([status, body.message]).toEqual([200, undefined]);
    }
    expect((await cluster().admin.get(ONE)).metadata.annotations?.[CPO_IMAGE]).toBeUndefined();
  });

  test.each<[string, () => Question]>([
    ['read a secret', () => ({ path: '/api/v1/namespaces/default/secrets/x' })],
    ['list secrets', () => ({ path: '/api/v1/secrets' })],
    ['read a config map', () => ({ path: '/api/v1/namespaces/kube-system/configmaps/x' })],
    ['read a pod’s log', () => ({ path: '/api/v1/namespaces/default/pods/x/log' })],
    ['delete a pod', () => ({ method: 'DELETE', path: '/api/v1/namespaces/kube-system/pods/x' })],
    ['patch a deployment', () => merge({ spec: {} }, '/apis/apps/v1/namespaces/kube-system/deployments/x')],
    ['patch a node pool', () => merge({ spec: {} }, `${CLUSTERS.replace('hostedclusters', 'nodepools')}/x`)],
    ['delete a hosted cluster', () => ({ method: 'DELETE', path: ONE })],
    ['patch a status', () => merge({ status: {} }, `${ONE}/status`)],
    ['give itself rights', () => ({ path: '/apis/rbac.authorization.k8s.io/v1/clusterroles' })],
    [
      'create one',
      () => ({ method: 'POST', path: CLUSTERS, body: { ...HOSTED, metadata: { name: 'two' } } }),
    ],
    [
      'create one by applying to a name that is gone',
      () => ({ ...apply({ name: 'gone' }), path: `${CLUSTERS}/gone?fieldManager=f` }),
    ],
  ])('RBAC refuses it to %s', async (_, question) => {
    const { status, body } = await as().ask(question());
    expect([status, body.reason]).toEqual([403, 'Forbidden']);
  });

  test.each<[string, () => Question, RegExp]>([
    ['pause by the spec', () => merge({ spec: { pausedUntil: 'true' } }), /changes no spec/],
    [
      'change the release',
      () => ({
        ...apply({ uid }, { spec: { release: { image: REF } } }),
        path: `${ONE}?fieldManager=fleetfix&force=true`,
      }),
      /changes no spec/,
    ],
    ['set a label', () => merge({ metadata: { labels: { a: 'b' } } }), /annotations alone/],
    ['set a finalizer', () => merge({ metadata: { finalizers: ['a.b/c'] } }), /annotations alone/],
    [
      'set another annotation',
      () => apply({ uid, annotations: { other: 'x' } }),
      /no annotations but its levers/,
    ],
    [
      'change another annotation',
      () => merge({ metadata: { annotations: { theirs: 'y' } } }),
      /no annotations but/,
    ],
    [
      'take another annotation away',
      () => merge({ metadata: { annotations: { theirs: null } } }),
      /takes no annotations away/,
    ],
    [
      'name an image by tag',
      () => apply({ uid, annotations: { [CPO_IMAGE]: 'quay.example/x:latest' } }),
      /by digest/,
    ],
    ['blank the lever', () => apply({ uid, annotations: { [CPO_IMAGE]: '' } }), /by digest/],
    [
      'name an image with other characters',
      () => apply({ uid, annotations: { [CPO_IMAGE]: `quay.example/a\n b,c@sha256:${'a'.repeat(64)}` } }),
      /by digest/,
    ],
    [
      'override by tag',
      () => annotate({ [IMAGE_OVERRIDES]: 'etcd=quay.example/etcd:latest' }),
      /by digest, also/,
    ],
    ['blank image-overrides', () => annotate({ [IMAGE_OVERRIDES]: '' }), /by digest, also/],
    [
      'add what is no entry to image-overrides',
      () => annotate({ [IMAGE_OVERRIDES]: `etcd=${REF},\n=x` }),
      /by digest, also/,
    ],
    ['fill the annotations', () => annotate({ [`x.${MARK}`]: 'x'.repeat(70_000) }), /64 KiB/],
    ['forget who owns what', () => merge({ metadata: { managedFields: [{}] } }), /rewrite what others own/],
  ])('the admission policy refuses it to %s', async (_, question, because) => {
    const { status, body } = await as().ask(question());
    expect([status, body.message]).toEqual([422, expect.stringMatching(because)]);
  });

  test('the override of somebody else it may neither change nor take away, nor make its own first', async () => {
    await people({ [CPO_IMAGE]: REF.replace('quay', 'theirs') });
    for (const question of [
      annotate({ [CPO_IMAGE]: null }),
      annotate({ [CPO_IMAGE]: REF }),
      { ...apply({ uid, ...LEVER }), path: `${ONE}?fieldManager=fleetfix&force=true` },
    ]) {
      const { status, body } = await as().ask(question);
      expect([status, body.message]).toEqual([422, expect.stringMatching(/somebody else set/)]);
    }
    const { managedFields } = (await cluster().admin.get(ONE)).metadata;
    const stolen = managedFields.map((m: Thing) =>
      m.manager === 'people' ? { ...m, manager: 'fleetfix' } : m,
    );
    const { status, body } = await as().ask(merge({ metadata: { managedFields: stolen } }));
    expect([status, body.message]).toEqual([422, expect.stringMatching(/rewrite what others own/)]);
    await people({ [CPO_IMAGE]: null });
  });

  test('an entry of image-overrides it may set, change and take out; those of others stay', async () => {
    const theirs = 'etcd=theirs.example/etcd:v1';
    const [mine, next] = [REF, REF.replaceAll('aa', 'bb')].map((ref) => `oauth=${ref}`);
    const key = `oauth.${MARK}`;
    await people({ [IMAGE_OVERRIDES]: theirs, [key]: '{}' });
    for (const [value, image] of [
      [`${theirs},${mine}`, REF],
      [`${theirs},${next}`, REF.replaceAll('aa', 'bb')],
      [theirs, null],
    ]) {
      const { status, body } = await as().ask(
        annotate({ [IMAGE_OVERRIDES]: value, [key]: JSON.stringify({ image }) }),
      );
      expect([status, body.message]).toEqual([200, undefined]);
    }
    for (const value of [null, mine, `etcd=${REF}`]) {
      const { status, body } = await as().ask(annotate({ [IMAGE_OVERRIDES]: value }));
      expect([status, body.message]).toEqual([422, expect.stringMatching(/not its own as they are/)]);
    }
    await people({ [IMAGE_OVERRIDES]: `etcd=${REF}` });
    const { status, body } = await as().ask(annotate({ [key]: JSON.stringify({ image: REF }) }));
    expect([status, body.message]).toEqual([422, expect.stringMatching(/mark an entry/)]);
    await people({ [IMAGE_OVERRIDES]: null, [key]: null });
  });

  test('it may write where so many others write that the API server makes the oldest of them one', async () => {
    const many = (count: number, of: (i: number) => [string, string]) =>
      Object.fromEntries(Array.from({ length: count }, (_, i) => of(i)));
    const theirs = Array.from({ length: 60 }, (_, i) => `part-${i}=theirs.example/part-${i}:v1`).join(',');
    const others = Array.from({ length: 14 }, (_, n) => ({
      manager: `manager-${n}`,
      annotations: many(40, (i) => [`m${n}.example.com/key-${i}`, 'x'.repeat(60)]),
    }));
    await people({ [IMAGE_OVERRIDES]: theirs });
    for (const { manager, annotations } of others) {
      const question = { ...annotate(annotations), path: `${ONE}?fieldManager=${manager}` };
      expect((await cluster().admin.ask(question)).status).toBe(200);
    }
    const key = `oauth.${MARK}`;
    for (const question of [
      apply({ uid, ...LEVER }),
      annotate({ [IMAGE_OVERRIDES]: `${theirs},oauth=${REF}`, [key]: JSON.stringify({ image: REF }) }),
      annotate({ [IMAGE_OVERRIDES]: theirs, [key]: '{}' }),
      apply({ uid, annotations: { [MARK]: '{}' } }),
    ]) {
      const { status, body } = await as().ask(question);
      expect([status, body.message]).toEqual([200, undefined]);
    }
    const { managedFields } = (await cluster().admin.get(ONE)).metadata;
    expect(managedFields.map((m: Thing) => m.manager)).toContain('ancient-changes');
    await people({
      [IMAGE_OVERRIDES]: null,
      [key]: null,
      ...Object.assign(
        {},
        ...others.map((o) => Object.fromEntries(Object.keys(o.annotations).map((k) => [k, null]))),
      ),
    });
  });

  test('others are not held by the policy', async () => {
    const { status } = await cluster().admin.ask(merge({ metadata: { labels: { by: 'admin' } } }));
    expect(status).toBe(200);
  });

  test('where repositories are named it takes images from no other', async () => {
    const { admin } = cluster();
    const path =
      '/apis/admissionregistration.k8s.io/v1/validatingadmissionpolicies/fleetfix-agent-annotations-only';
    const { spec } = await admin.get(path);
    const variables = spec.variables.map((one: Thing) =>
      one.name === 'repositories' ? { ...one, expression: "['quay.example/hotfix']" } : one,
    );
    expect(variables).not.toEqual(spec.variables);
    await admin.merge(path, { spec: { variables } });
    const foreign = REF.replace('hotfix', 'hotfix/other');
    for (const annotations of [{ [CPO_IMAGE]: foreign }, { [IMAGE_OVERRIDES]: `etcd=${foreign}` }])
      await vi.waitFor(
        async () => {
          const { status, body } = await as().ask({ ...annotate(annotations), path: `${ONE}?dryRun=All` });
          expect([status, body.message]).toEqual([422, expect.stringMatching(/repositories that are named/)]);
        },
        { timeout: PATIENCE_MS },
      );
    const own = { [CPO_IMAGE]: REF, [IMAGE_OVERRIDES]: `etcd=${REF}` };
    expect((await as().ask({ ...annotate(own), path: `${ONE}?dryRun=All` })).status).toBe(200);
  });

  test('an apply with the uid of one that is gone creates nothing', async () => {
    const made = await cluster().admin.create(CLUSTERS, { ...HOSTED, metadata: { name: 'short-lived' } });
    const path = `${CLUSTERS}/short-lived`;
    await cluster().admin.remove(path);
    const question = apply({ name: 'short-lived', uid: made.metadata.uid, ...LEVER });
    const { status } = await cluster().admin.ask({ ...question, path: `${path}?fieldManager=fleetfix` });
    expect(status).toBe(409);
    expect((await cluster().admin.ask({ path })).status).toBe(404);
  });
});

const HOSTED: Thing = {
  apiVersion: 'hypershift.openshift.io/v1beta1',
  kind: 'HostedCluster',
  metadata: { name: 'one', namespace: 'default', annotations: { theirs: 'x' } },
  spec: {
    release: { image: 'quay.example/release:4.19.1' },
    pullSecret: { name: 'pull' },
    dns: { baseDomain: 'example.com' },
    platform: { type: 'None' },
    services: ['APIServer', 'OAuthServer', 'Konnectivity', 'Ignition'].map((service) => ({
      service,
      servicePublishingStrategy: { type: 'Route' },
    })),
  },
};
