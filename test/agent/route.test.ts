// Goal: the whole route on HyperShift's objects. A hub process, an agent process with no more than its rights, a real API
// server: a fix is declared, built, approved, put on every hosted cluster, proven by what runs, and taken back. The
// agent is killed in the middle.
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
import { approved, declared, inState, started } from '../e2e/steps.ts';
import { AGENT, applyRights } from './rights.ts';

const BIN = resolve(import.meta.dirname, '../../bin/fleetfix.mjs');
const PLANES = 8;
const VERSIONS = ['4.19.11', '4.20.3'] as const;
const RELEASES = { '4.19.11': `sha256:${'1'.repeat(64)}`, '4.20.3': `sha256:${'2'.repeat(64)}` };

const ground = await layGround();
const cluster = withCluster({ identities: [{ user: AGENT }] });
let kubelet: Kubelet | undefined;
let operator: Operator | undefined;
let hub: HubProcess;
let agent: ChildProcess | undefined;

beforeAll(async () => {
  if (cluster() === undefined) return;
  const { admin } = cluster();
  await installCrds(admin);
  await applyRights(admin);
  kubelet = await startKubelet(admin);
  operator = startOperator(admin, {
    components: FEW_COMPONENTS,
    releases: Object.fromEntries(VERSIONS.map((v) => [v, `registry.example/release@${RELEASES[v]}`])),
  });
  for (let i = 0; i < PLANES; i += 1)
    await operator.makeCluster({ namespace: 'clusters', name: `cp-${i}`, version: VERSIONS[i % 2]! });
  const config = ground.write(
    quickConfig(ground, { policy: { pace: { harmBudget: 'routine', oneBox: 12 } } }),
  );
  hub = await startHubProcess({ config, dataDir: ground.dataDir });
});
afterAll(async () => {
  await endAgent('SIGKILL');
  await leaveNothing(ground.dataDir, join(ground.dir, 'data of one'));
  await operator?.stop();
  await kubelet?.stop();
  ground.clear();
});

const run = promisify(execFile);
const cli = async (...argv: string[]): Promise<string> => {
  const file = join(ground.dir, 'admin.token');
  writeFileSync(file, adminToken(ground.dataDir), { mode: 0o600 });
  return (await run(process.execPath, [BIN, '--hub', hub.url, '--token-file', file, ...argv])).stdout;
};
const commitOf = async (version: string) =>
  (await run('git', ['rev-parse', `v${version}`], { cwd: ground.repository.dir })).stdout.trim();

async function agentConfig({ ofHub = true } = {}): Promise<string> {
  const commits = Object.fromEntries(
    await Promise.all(VERSIONS.map(async (v) => [RELEASES[v], await commitOf(v)] as const)),
  );
  return ground.write(
    {
      ...(ofHub && { hub: { url: hub.url } }),
      managementCluster: 'mc-1',
      region: 'eu',
      sector: 'main',
      components: [
        { name: 'lease-operator', lever: 'annotation', repository: 'registry.example/lease-operator' },
      ],
      stateDir: join(ground.dir, ofHub ? 'agent' : 'agent of the hub'),
      kubeconfig: cluster().kubeconfigFor(AGENT),
      reportEvery: '2s',
      commits,
    },
    ofHub ? 'agent.yaml' : 'agent-of-the-hub.yaml',
  );
}

async function startAgent(config: string): Promise<void> {
  agent = spawn(process.execPath, [BIN, 'agent', 'run', '--config', config], {
    env: { ...process.env, FLEETFIX_LOG: 'warn' },
    stdio: ['ignore', 'ignore', 'inherit'],
  });
}

async function endAgent(signal: NodeJS.Signals): Promise<void> {
  if (agent === undefined || agent.exitCode !== null || agent.signalCode !== null) return;
  const exited = once(agent, 'exit');
  agent.kill(signal);
  await exited;
}

type Hosted = {
  readonly metadata: { readonly name: string; readonly annotations?: Readonly<Record<string, string>> };
};
const clusters = async (): Promise<readonly Hosted[]> =>
  (await cluster().admin.get('/apis/hypershift.openshift.io/v1beta1/namespaces/clusters/hostedclusters'))
    .items;

test('a fix goes from a person to every hosted cluster, is proven there, and back, across an agent that is killed', async () => {
  const config = await agentConfig();
  const invitation = join(ground.dir, 'invitation');
  writeFileSync(invitation, await cli('agent', 'invite', 'mc-1'), { mode: 0o600 });
  expect(await cli('agent', 'enrol', '--config', config, '--invitation', invitation)).toMatch(
    /speaks for mc-1 now/,
  );
  await startAgent(config);
  const cast = await castAt(() => hub.url, adminToken(ground.dataDir));
  const targets = async () => JSON.parse(await cli('get', 'agents', '-o', 'json')).items[0]?.planes;
  await eventually('all control planes reported', async () => (await targets()) === PLANES);
  await Promise.all((await clusters()).map((one) => operator!.settled(one as never)));

  const { firstTry, followUp } = ground.repository;
  const fix = await declared(cast, [firstTry, followUp]);
  await inState(cast, fix, 'proven');
  // What the hub has heard lags behind what is.
  await eventually('a plan for all', async () => (await cast.engineer.plan(fix)).inPlan === PLANES);
  await started(cast, fix, await approved(cast, fix));
  await eventually('the first lever is moved', async () =>
    (await clusters()).some((c) => c.metadata.annotations?.[CPO_IMAGE] !== undefined),
  );
  await endAgent('SIGKILL');
  await startAgent(config);
  await inState(cast, fix, 'covered').catch(async (problem: Error) => {
    throw new Error(
      `${problem.message}\n${await cli('get', 'targets', '--for', fix)}${await cli('why', fix)}`,
    );
  });
  const digests = new Set((await clusters()).map((c) => c.metadata.annotations?.[CPO_IMAGE]));
  expect([digests.size, digests.has(undefined)]).toEqual([2, false]);
  for (const { metadata } of await clusters())
    expect(JSON.parse(metadata.annotations![MARK]!)).toMatchObject({ fix, component: 'lease-operator' });
  expect(await cli('describe', 'target/cp-0.clusters')).toContain(fix);
  expect(await cli('get', 'targets', '--for', fix)).toMatch(/cp-7\.clusters .*patched/);
  const { generation } = (await clusters())[0]!.metadata as { generation?: number };
  expect(generation).toBe(1);

  const { status } = await cast.operator.act(fix, { do: 'rollback', reason: 'to see that it goes back' });
  expect(status).toBe(202);
  await eventually('everything is back', async () => {
    const view = await cast.engineer.view(fix);
    return view.state === 'proven' && view;
  });
  for (const { metadata } of await clusters())
    expect(metadata.annotations ?? {}).not.toHaveProperty([CPO_IMAGE]);
  await endAgent('SIGTERM');
  expect(agent!.exitCode).toBe(0);
});

test('a hub with an agent in its own process needs no invitation, and ends with it', async () => {
  await hub.stop();
  const config = join(ground.dir, 'fleetfix.yaml');
  hub = await startHubProcess({
    config,
    dataDir: join(ground.dir, 'data of one'),
    agents: [await agentConfig({ ofHub: false })],
  });
  const file = join(ground.dir, 'token of one');
  writeFileSync(file, adminToken(join(ground.dir, 'data of one')), { mode: 0o600 });
  const names = async () =>
    (
      await run(process.execPath, [
        BIN,
        '--hub',
        hub.url,
        '--token-file',
        file,
        'get',
        'agents',
        '-o',
        'json',
      ])
    ).stdout;
  await eventually('all are reported', async () => JSON.parse(await names()).items[0]?.planes === PLANES);
  expect(await hub.stop()).toBe(0);
});
