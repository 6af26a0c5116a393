// Goal: one fix in two components on a real API server: HyperShift's operator first, then the hosted control planes it
// drives, each proven by what runs; and both back when the first is taken back.
import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { CPO_IMAGE, MARK } from '../../src/core/hypershift/objects.ts';
import { installCrds } from '../cluster/crds.ts';
import { type Operator, startOperator } from '../cluster/hypershift/operator.ts';
import { FEW_COMPONENTS } from '../cluster/hypershift/options.ts';
import { type Kubelet, startKubelet } from '../cluster/kubelet.ts';
import { withCluster } from '../cluster/testing.ts';
import { layGround, quickConfig } from '../e2e/ground.ts';
import { adminToken, type HubProcess, leaveNothing, startHubProcess } from '../e2e/hub-process.ts';
import { castAt, eventually } from '../e2e/person.ts';
import { approved, inState, started } from '../e2e/steps.ts';
import { AGENT, applyManifests, applyRights } from './rights.ts';

const BIN = resolve(import.meta.dirname, '../../bin/fleetfix.mjs');
const VERSION = '4.20.3';
const PLANES = 3;
const [RELEASE, OPERATOR_RELEASE] = [`sha256:${'1'.repeat(64)}`, `sha256:${'2'.repeat(64)}`];
const DEPLOYMENT = '/apis/apps/v1/namespaces/hypershift/deployments/operator';

const ground = await layGround();
const cluster = withCluster({ identities: [{ user: AGENT }] });
let kubelet: Kubelet | undefined;
let operator: Operator | undefined;
let hub: HubProcess;
let agent: ChildProcess | undefined;
const run = promisify(execFile);

beforeAll(async () => {
  if (cluster() === undefined) return;
  const { admin } = cluster();
  await installCrds(admin);
  await applyRights(admin);
  await admin.create('/api/v1/namespaces', {
    apiVersion: 'v1',
    kind: 'Namespace',
    metadata: { name: 'hypershift' },
  });
  await applyManifests(admin, 'workload-rights.yaml');
  kubelet = await startKubelet(admin);
  operator = startOperator(admin, {
    components: FEW_COMPONENTS,
    releases: { [VERSION]: `registry.example/release@${RELEASE}` },
  });
  await admin.create('/apis/apps/v1/namespaces/hypershift/deployments', operatorDeployment());
  for (let i = 0; i < PLANES; i += 1)
    await operator.makeCluster({ namespace: 'clusters', name: `cp-${i}`, version: VERSION });
  hub = await startHubProcess({ config: hubConfig(), dataDir: ground.dataDir });
});
afterAll(async () => {
  if (agent !== undefined && agent.exitCode === null && agent.signalCode === null) {
    const exited = once(agent, 'exit');
    agent.kill('SIGTERM');
    await exited;
  }
  await leaveNothing(ground.dataDir);
  await operator?.stop();
  await kubelet?.stop();
  ground.clear();
});

const operatorDeployment = () => ({
  apiVersion: 'apps/v1',
  kind: 'Deployment',
  metadata: { name: 'operator', namespace: 'hypershift' },
  spec: {
    replicas: 2,
    selector: { matchLabels: { app: 'operator' } },
    template: {
      metadata: { labels: { app: 'operator' } },
      spec: { containers: [{ name: 'operator', image: `registry.example/operator@${OPERATOR_RELEASE}` }] },
    },
  },
});

/** The same repository gives both images, as HyperShift's does. */
function hubConfig(): string {
  const config = quickConfig(ground, {
    versions: [VERSION],
    policy: { pace: { harmBudget: 'routine', oneBox: 12 } },
  }) as { readonly components: readonly { readonly [key: string]: unknown }[] };
  const [first] = config.components;
  const second = {
    ...first,
    name: 'hypershift-operator',
    image: 'registry.example/operator',
    levers: ['workload-image'],
    per: 'managementCluster',
  };
  return ground.write({ ...config, components: [first, second] });
}

async function agentConfig(): Promise<string> {
  const args = ['rev-parse', `v${VERSION}`];
  const commit = (await run('git', args, { cwd: ground.repository.dir })).stdout.trim();
  return ground.write(
    {
      hub: { url: hub.url },
      managementCluster: 'mc-1',
      region: 'eu',
      sector: 'main',
      components: [
        { name: 'lease-operator', lever: 'annotation', repository: 'registry.example/lease-operator' },
        {
          name: 'hypershift-operator',
          lever: 'workload-image',
          repository: 'registry.example/operator',
          workload: { kind: 'Deployment', namespace: 'hypershift', name: 'operator', container: 'operator' },
        },
      ],
      stateDir: join(ground.dir, 'agent'),
      kubeconfig: cluster().kubeconfigFor(AGENT),
      reportEvery: '2s',
      commits: { [RELEASE]: commit, [OPERATOR_RELEASE]: commit },
    },
    'agent.yaml',
  );
}

const cli = async (...argv: string[]): Promise<string> => {
  const file = join(ground.dir, 'admin.token');
  writeFileSync(file, adminToken(ground.dataDir), { mode: 0o600 });
  return (await run(process.execPath, [BIN, '--hub', hub.url, '--token-file', file, ...argv])).stdout;
};
const hosted = async () =>
  (await cluster().admin.get('/apis/hypershift.openshift.io/v1beta1/namespaces/clusters/hostedclusters'))
    .items as readonly { readonly metadata: { readonly annotations?: Readonly<Record<string, string>> } }[];
const sequenceIn = (annotations: Readonly<Record<string, string>> | undefined): number =>
  JSON.parse(annotations![MARK]!).sequence;
const operatorImage = async () =>
  (await cluster().admin.get(DEPLOYMENT)).spec.template.spec.containers[0].image;

test('the operator gets its part first, then the control planes theirs; both go back when the first does', async () => {
  const config = await agentConfig();
  const invitation = join(ground.dir, 'invitation');
  writeFileSync(invitation, await cli('agent', 'invite', 'mc-1'), { mode: 0o600 });
  await cli('agent', 'enrol', '--config', config, '--invitation', invitation);
  agent = spawn(process.execPath, [BIN, 'agent', 'run', '--config', config], {
    env: { ...process.env, FLEETFIX_LOG: 'warn' },
    stdio: ['ignore', 'ignore', 'inherit'],
  });
  const cast = await castAt(() => hub.url, adminToken(ground.dataDir));
  const reported = async () => JSON.parse(await cli('get', 'agents', '-o', 'json')).items[0]?.planes;
  await eventually('all are reported', async () => (await reported()) === PLANES + 1);

  const { firstTry, followUp } = ground.repository;
  const change = `${firstTry},${followUp}`;
  const asked = [
    ...['declare', '--component', 'hypershift-operator', '--commit', change, '--severity', 'critical'],
    ...['--title', 'leases', '--reason', 'memory', '--then', `lease-operator=${change}`],
  ];
  const would = JSON.parse(await cli(...asked, '--dry-run', '-o', 'json'));
  expect(would.items).toHaveLength(2);
  const [first, second] = JSON.parse(await cli(...asked, '-o', 'json')).items.map(
    (one: { readonly fix: string }) => one.fix,
  );
  expect([first, second]).toEqual(['FIX-1', 'FIX-2']);
  await Promise.all([first, second].map((fix) => inState(cast, fix, 'proven')));
  await eventually(
    'plans for all',
    async () =>
      (await cast.engineer.plan(first)).inPlan === 1 && (await cast.engineer.plan(second)).inPlan === PLANES,
  );

  await started(cast, second, await approved(cast, second));
  await eventually('the second part waits for the first', async () =>
    (await cli('why', second)).includes('waits until FIX-1 is in place on mc-1'),
  );
  expect((await hosted()).some((c) => CPO_IMAGE in (c.metadata.annotations ?? {}))).toBe(false);
  expect(await cli('describe', second)).toContain('after FIX-1');

  await started(cast, first, await approved(cast, first));
  await inState(cast, first, 'covered');
  await inState(cast, second, 'covered');
  const moved = sequenceIn((await cluster().admin.get(DEPLOYMENT)).metadata.annotations);
  for (const { metadata } of await hosted()) expect(sequenceIn(metadata.annotations)).toBeGreaterThan(moved);
  expect(await operatorImage()).toMatch(/^registry\.example\/operator@sha256:/);
  expect(await operatorImage()).not.toContain(OPERATOR_RELEASE);

  const { status } = await cast.operator.act(first, { do: 'rollback', reason: 'it leaks' });
  expect(status).toBe(202);
  await Promise.all([first, second].map((fix) => inState(cast, fix, 'proven')));
  expect(await operatorImage()).toContain(OPERATOR_RELEASE);
  for (const { metadata } of await hosted())
    expect(metadata.annotations ?? {}).not.toHaveProperty([CPO_IMAGE]);
  expect((await cast.engineer.view(second)).headline).toContain('FIX-1, which it stands on, was halted');
});
