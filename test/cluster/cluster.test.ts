// What the test cluster promises to the tests that stand on it.
import { once } from 'node:events';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { type AddressInfo, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { describe, expect, test } from 'vitest';
import { apiOf, named, type Thing } from './api.ts';
import { startCluster } from './cluster.ts';
import { isRunning } from './program.ts';
import { isUp, readState, writeState } from './state.ts';
import { withBinaries, withCluster } from './testing.ts';

const PODS = '/api/v1/namespaces/default/pods';
const APPS = '/apis/apps/v1/namespaces/default';

const workload = (kind: 'Deployment' | 'StatefulSet', name: string): Thing => ({
  apiVersion: 'apps/v1',
  kind,
  metadata: { name },
  spec: {
    replicas: 2,
    selector: { matchLabels: { app: name } },
    ...(kind === 'StatefulSet' && { serviceName: name }),
    template: {
      metadata: { labels: { app: name } },
      spec: { containers: [{ name: 'main', image: `registry.example/main@sha256:${'1'.repeat(64)}` }] },
    },
  },
});

describe('a running cluster', () => {
  const cluster = withCluster({ identities: [{ user: 'nobody' }, { user: 'reader' }] });

  test('is a real API server of the version that is pinned', async () => {
    const version = await cluster().admin.get('/version');
    expect(version.gitVersion).toMatch(/^v1\.\d+\.\d+$/);
    expect(cluster().url).toMatch(/^https:\/\/127\.0\.0\.1:\d+$/);
  });

  test('makes replica sets and pods of a Deployment', async () => {
    const { admin } = cluster();
    const made = await admin.create(`${APPS}/deployments`, workload('Deployment', 'web'));
    const set = await admin.until(
      `${APPS}/replicasets?labelSelector=app%3Dweb`,
      (it) => it.status.replicas === 2,
    );
    expect(set.metadata.ownerReferences[0].uid).toBe(made.metadata.uid);
    const pods = await admin.get(`${PODS}?labelSelector=app%3Dweb`);
    expect(pods.items.map((pod: Thing) => pod.metadata.ownerReferences[0].uid)).toEqual([
      set.metadata.uid,
      set.metadata.uid,
    ]);
  });

  test('makes the first pod of a StatefulSet', async () => {
    const { admin } = cluster();
    await admin.create(`${APPS}/statefulsets`, workload('StatefulSet', 'etcd'));
    const pod = await admin.until(named(PODS, 'etcd-0'), () => true);
    expect(pod.metadata.ownerReferences[0].kind).toBe('StatefulSet');
  });

  test('refuses an identity what no role grants it, and grants what a role does', async () => {
    const { admin, as } = cluster();
    const secrets = '/api/v1/namespaces/default/secrets';
    expect((await as('nobody').ask({ path: secrets })).status).toBe(403);
    const rbac = '/apis/rbac.authorization.k8s.io/v1/namespaces/default';
    await admin.create(`${rbac}/roles`, {
      metadata: { name: 'read-pods' },
      rules: [{ apiGroups: [''], resources: ['pods'], verbs: ['list'] }],
    });
    await admin.create(`${rbac}/rolebindings`, {
      metadata: { name: 'read-pods' },
      roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'Role', name: 'read-pods' },
      subjects: [{ apiGroup: 'rbac.authorization.k8s.io', kind: 'User', name: 'reader' }],
    });
    // The server learns of a new binding a moment after it has written it.
    await expect.poll(async () => (await as('reader').ask({ path: PODS })).status).toBe(200);
    expect((await as('reader').ask({ path: secrets })).status).toBe(403);
    expect((await as('nobody').ask({ path: PODS })).status).toBe(403);
  });

  test('refuses a token it does not know', async () => {
    const stranger = apiOf({ ...cluster(), token: 'made-up' });
    expect((await stranger.ask({ path: PODS })).status).toBe(401);
    stranger.close();
  });

  test('gives a service account a token that counts as that account', async () => {
    const { admin } = cluster();
    await admin.create('/api/v1/namespaces/default/serviceaccounts', { metadata: { name: 'agent' } });
    const path = '/api/v1/namespaces/default/serviceaccounts/agent/token';
    const asked = {
      apiVersion: 'authentication.k8s.io/v1',
      kind: 'TokenRequest',
      spec: { expirationSeconds: 600 },
    };
    const { status } = await admin.create(path, asked);
    const agent = apiOf({ ...cluster(), token: status.token });
    const review = await agent.create('/apis/authentication.k8s.io/v1/selfsubjectreviews', {});
    expect(review.status.userInfo.username).toBe('system:serviceaccount:default:agent');
    agent.close();
  });

  test('ends watches and refuses connections while its API server is killed, and keeps address and data', async () => {
    const { admin, apiServer, url } = cluster();
    await admin.create('/api/v1/namespaces', { metadata: { name: 'before-kill' } });
    const watching = admin.watch('/api/v1/namespaces');
    await watching.next();
    await apiServer.stop({ signal: 'SIGKILL' });
    await expect(
      (async () => {
        for await (const _ of watching);
        throw new Error('ended');
      })(),
    ).rejects.toThrow();
    await expect(admin.get('/readyz')).rejects.toMatchObject({
      code: expect.stringMatching(/^ECONN(REFUSED|RESET)$/),
    });
    await apiServer.start();
    expect(cluster().url).toBe(url);
    expect((await admin.get('/api/v1/namespaces/before-kill')).metadata.name).toBe('before-kill');
  });

  test('keeps data, address and tokens over a restart of all three programs', async () => {
    const { admin, as } = cluster();
    const before = await admin.create('/api/v1/namespaces', { metadata: { name: 'before-restart' } });
    await cluster().restart();
    const after = await admin.get('/api/v1/namespaces/before-restart');
    expect(after.metadata.uid).toBe(before.metadata.uid);
    expect((await as('nobody').ask({ path: PODS })).status).toBe(403);
    // The controllers are back as well.
    await admin.create(`${APPS}/deployments`, workload('Deployment', 'again'));
    await admin.until(`${APPS}/replicasets?labelSelector=app%3Dagain`, (it) => it.status.replicas === 2);
  });
});

describe('the start and the end of a cluster', () => {
  const binaries = withBinaries();

  test('its end leaves no process and no folder', async () => {
    const cluster = await startCluster({ binaries: binaries() });
    const { programs } = readState(cluster.dir)!;
    expect(programs.map(({ mark }) => isRunning(mark))).toEqual([true, true, true]);
    await cluster.stop();
    await cluster.stop();
    expect(programs.map(({ mark }) => isRunning(mark))).toEqual([false, false, false]);
    expect(existsSync(cluster.dir)).toBe(false);
  });

  test('takes other ports when somebody has taken those it had', async () => {
    const dir = mkdtempSync(path.join(tmpdir(), 'cluster-test-'));
    const somebody = createServer().listen(0, '127.0.0.1');
    await once(somebody, 'listening');
    const { port } = somebody.address() as AddressInfo;
    writeState(dir, { ports: { etcd: port, api: port }, programs: [] });
    const cluster = await startCluster({ dir, binaries: binaries() });
    expect((await cluster.admin.ask({ path: '/livez' })).status).toBe(200);
    expect(cluster.url).not.toContain(String(port));
    await expect(startCluster({ dir, binaries: binaries() })).rejects.toThrow('runs in');
    await cluster.stop();
    somebody.close();
    rmSync(dir, { recursive: true });
  });

  test('a program that does not start is named with its last words, and the others are ended', async () => {
    const dir = mkdtempSync(path.join(tmpdir(), 'cluster-test-'));
    const starting = startCluster({ dir, binaries: binaries(), apiServerArgs: ['--no-such-flag'] });
    await expect(starting).rejects.toThrow(/kube-apiserver ended\.[\s\S]*unknown flag: --no-such-flag/);
    expect(isUp(readState(dir))).toBe(false);
    rmSync(dir, { recursive: true });
  });
});
