// Goal: where the agent may change the image of a workload, it may change that and nothing else, on a real API server with
// the manifests that are deployed.

import { readFileSync } from 'node:fs';
import { beforeAll, expect, test, vi } from 'vitest';
import { parseAllDocuments } from 'yaml';
import type { Question, Thing } from '../cluster/api.ts';
import { withCluster } from '../cluster/testing.ts';
import { PATIENCE_MS } from '../patience.ts';
import { AGENT, applyRights } from './rights.ts';

const MANIFESTS = new URL('../../deploy/agent/workload-rights.yaml', import.meta.url);
const DEPLOYMENTS = '/apis/apps/v1/namespaces/hypershift/deployments';
const OPERATOR = `${DEPLOYMENTS}/operator`;
const COLLECTIONS: Readonly<Record<string, string>> = {
  Role: '/apis/rbac.authorization.k8s.io/v1/namespaces/hypershift/roles',
  RoleBinding: '/apis/rbac.authorization.k8s.io/v1/namespaces/hypershift/rolebindings',
  ValidatingAdmissionPolicy: '/apis/admissionregistration.k8s.io/v1/validatingadmissionpolicies',
  ValidatingAdmissionPolicyBinding: '/apis/admissionregistration.k8s.io/v1/validatingadmissionpolicybindings',
};
const image = (letter: string) => `quay.example/operator@sha256:${letter.repeat(64)}`;

const cluster = withCluster({ identities: [{ user: AGENT }] });
const patch = (body: Thing, path = OPERATOR): Question => ({
  method: 'PATCH',
  path: `${path}?fieldManager=fleetfix`,
  contentType: 'application/strategic-merge-patch+json',
  body,
});
const container = (it: Thing): Question =>
  patch({ spec: { template: { spec: { containers: [{ name: 'operator', ...it }] } } } });
const pod = (spec: Thing): Question => patch({ spec: { template: { spec } } });
const asAgent = (question: Question) => cluster().as(AGENT).ask(question);

beforeAll(async () => {
  const { admin } = cluster() ?? {};
  // Where there is no cluster every test is skipped with the reason.
  if (admin === undefined) return;
  await applyRights(admin);
  await admin.create('/api/v1/namespaces', {
    apiVersion: 'v1',
    kind: 'Namespace',
    metadata: { name: 'hypershift' },
  });
  for (const document of parseAllDocuments(readFileSync(MANIFESTS, 'utf8'))) {
    const it = document.toJS() as Thing;
    await admin.create(COLLECTIONS[it.kind]!, it);
  }
  for (const name of ['operator', 'other']) await admin.create(DEPLOYMENTS, deploymentOf(name));
  // A policy counts a moment after it was written.
  await vi.waitFor(
    async () => {
      const path = `${OPERATOR}?dryRun=All`;
      const { status } = await asAgent({ ...patch({ spec: { replicas: 3 } }), path });
      if (status !== 422) throw new Error(`the policy does not count yet: ${status}`);
    },
    { timeout: PATIENCE_MS },
  );
});

test('it may write an image by digest beside its mark, and the one before again', async () => {
  for (const [letter, mark] of [
    ['b', '{"fix":"FIX-1"}'],
    ['a', '{}'],
  ]) {
    const { status, body } = await asAgent(
      patch({
        metadata: { annotations: { 'fleetfix.dev/applied': mark } },
        spec: { template: { spec: { containers: [{ name: 'operator', image: image(letter!) }] } } },
      }),
    );
    expect([status, body.message]).toEqual([200, undefined]);
    expect(body.spec.template.spec.containers[0].image).toBe(image(letter!));
  }
});

test.each<[string, () => Question]>([
  ['write to another workload', () => patch({}, `${DEPLOYMENTS}/other`)],
  ['delete it', () => ({ method: 'DELETE', path: OPERATOR })],
  ['write its status', () => patch({ status: {} }, `${OPERATOR}/status`)],
  ['scale it by the subresource', () => patch({ spec: { replicas: 0 } }, `${OPERATOR}/scale`)],
])('RBAC refuses it to %s', async (_, question) => {
  const { status, body } = await asAgent(question());
  expect([status, body.reason]).toEqual([403, 'Forbidden']);
});

test.each<[string, () => Question, RegExp]>([
  ['scale it', () => patch({ spec: { replicas: 0 } }), /spec the agent changes images alone/],
  [
    'change its strategy',
    () => patch({ spec: { strategy: { type: 'Recreate', rollingUpdate: null } } }),
    /images alone/,
  ],
  [
    'label its pods',
    () => patch({ spec: { template: { metadata: { labels: { a: 'b' } } } } }),
    /images alone/,
  ],
  ['give it another account', () => pod({ serviceAccountName: 'admin' }), /images alone/],
  ['put it on the host’s network', () => pod({ hostNetwork: true }), /images alone/],
  [
    'name a host for it',
    () => pod({ hostAliases: [{ ip: '127.0.0.1', hostnames: ['a.b'] }] }),
    /images alone/,
  ],
  ['mount something', () => pod({ volumes: [{ name: 'v', hostPath: { path: '/' } }] }), /images alone/],
  [
    'add an init container',
    () => pod({ initContainers: [{ name: 'i', image: image('c') }] }),
    /images alone/,
  ],
  ['add a container', () => pod({ containers: [{ name: 'two', image: image('c') }] }), /the image alone/],
  ['stop its rollouts', () => patch({ spec: { paused: true } }), /images alone/],
  ['give it no time to end', () => pod({ terminationGracePeriodSeconds: 0 }), /images alone/],
  ['hold its pods back', () => pod({ schedulingGates: [{ name: 'a.b/c' }] }), /images alone/],
  ['name its pods', () => pod({ hostname: 'x' }), /images alone/],
  ['give it a terminal', () => container({ stdin: true, tty: true }), /of a container/],
  [
    'have its last words read elsewhere',
    () => container({ terminationMessagePath: '/etc/x' }),
    /of a container/,
  ],
  [
    'name an image with other characters',
    () => container({ image: `a\n b@sha256:${'a'.repeat(64)}` }),
    /by digest|invalid/i,
  ],
  ['run another command', () => container({ command: ['sh'] }), /of a container/],
  ['change an argument', () => container({ args: ['--other'] }), /of a container/],
  ['set a variable', () => container({ env: [{ name: 'A', value: 'b' }] }), /of a container/],
  ['make it privileged', () => container({ securityContext: { privileged: true } }), /of a container/],
  ['name an image by tag', () => container({ image: 'quay.example/operator:latest' }), /by digest/],
  ['label it', () => patch({ metadata: { labels: { a: 'b' } } }), /annotations alone/],
  ['set another annotation', () => patch({ metadata: { annotations: { a: 'b' } } }), /its own mark alone/],
  ['take one away', () => patch({ metadata: { annotations: { theirs: null } } }), /its own mark alone/],
])('the admission policy refuses it to %s', async (_, question, because) => {
  const { status, body } = await asAgent(question());
  expect([status, body.message]).toEqual([422, expect.stringMatching(because)]);
});

test('others are not held by the policy', async () => {
  const { status } = await cluster().admin.ask(patch({ spec: { replicas: 2 } }, `${DEPLOYMENTS}/other`));
  expect(status).toBe(200);
});

function deploymentOf(name: string): Thing {
  const labels = { app: name };
  return {
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: { name, annotations: { theirs: 'x' } },
    spec: {
      replicas: 1,
      selector: { matchLabels: labels },
      template: {
        metadata: { labels },
        spec: { containers: [{ name: 'operator', image: image('a'), args: ['run'] }] },
      },
    },
  };
}
