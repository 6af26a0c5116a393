// Goal: what becomes of a fix when others upgrade, edit, remove and re-create what it was put on, and how it is retired in the end. One
// story on a real API server: a hub process, an agent process with its deployed rights, the deployed admission policies.
import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { CPO_IMAGE, MARK } from '../../src/core/hypershift/objects.ts';
import type { FixView } from '../../src/core/views/fix-view.ts';
import type { TargetView } from '../../src/core/views/target-view.ts';
import type { Answer, Thing } from '../cluster/api.ts';
import { installCrds } from '../cluster/crds.ts';
import { type Operator, startOperator } from '../cluster/hypershift/operator.ts';
import { FEW_COMPONENTS, releaseImage } from '../cluster/hypershift/options.ts';
import { type Kubelet, startKubelet } from '../cluster/kubelet.ts';
import { withCluster } from '../cluster/testing.ts';
import { layGround, quickConfig } from '../e2e/ground.ts';
import { adminToken, type HubProcess, leaveNothing, startHubProcess } from '../e2e/hub-process.ts';
import { type Cast, castAt, eventually } from '../e2e/person.ts';
import { approved, declared, inState, started } from '../e2e/steps.ts';
import { AGENT, applyManifests, applyRights, deleteManifests } from './rights.ts';

const BIN = resolve(import.meta.dirname, '../../bin/fleetfix.mjs');
const CLUSTERS = '/apis/hypershift.openshift.io/v1beta1/namespaces/clusters/hostedclusters';
const PLANES = 6;
/** The second of each line contains the fix. */
const VERSIONS = ['4.19.11', '4.19.12', '4.20.3', '4.20.4'] as const;
const RELEASES = Object.fromEntries(VERSIONS.map((v, i) => [v, `sha256:${String(i + 1).repeat(64)}`]));
const FOREIGN = `quay.example/support@sha256:${'f'.repeat(64)}`;

const ground = await layGround();
const cluster = withCluster({ identities: [{ user: AGENT }] });
let kubelet: Kubelet | undefined;
let operator: Operator | undefined;
let hub: HubProcess;
let agent: ChildProcess | undefined;
let cast: Cast;
let fix: string;

beforeAll(async () => {
  if (cluster() === undefined) return;
  const { admin } = cluster();
  await installCrds(admin);
  await applyRights(admin);
  await applyManifests(admin, 'upgrade-strip.yaml');
  kubelet = await startKubelet(admin);
  operator = startOperator(admin, {
    components: FEW_COMPONENTS,
    releases: Object.fromEntries(VERSIONS.map((v) => [v, `registry.example/release@${RELEASES[v]}`])),
  });
  for (let i = 0; i < PLANES; i += 1) await operator.makeCluster({ namespace: 'clusters', name: `cp-${i}` });
  const pace = { harmBudget: 'routine', oneBox: 2, law: { median: '1s', sigma: 0.1 }, window: '5s' };
  const config = ground.write(quickConfig(ground, { policy: { pace, silentAfter: '20s' } }));
  hub = await startHubProcess({ config, dataDir: ground.dataDir });
  const agentConfig = await agentConfigOf();
  const invitation = join(ground.dir, 'invitation');
  writeFileSync(invitation, await cli('agent', 'invite', 'mc-1'), { mode: 0o600 });
  await cli('agent', 'enrol', '--config', agentConfig, '--invitation', invitation);
  agent = spawn(process.execPath, [BIN, 'agent', 'run', '--config', agentConfig], {
    env: { ...process.env, FLEETFIX_LOG: 'warn' },
    stdio: ['ignore', 'ignore', 'inherit'],
  });
  cast = await castAt(() => hub.url, adminToken(ground.dataDir));
});
afterAll(async () => {
  if (agent !== undefined && agent.exitCode === null && agent.signalCode === null) {
    const exited = once(agent, 'exit');
    agent.kill('SIGKILL');
    await exited;
  }
  await leaveNothing(ground.dataDir);
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

async function agentConfigOf(): Promise<string> {
  const commitOf = async (version: string) =>
    (await run('git', ['rev-parse', `v${version}`], { cwd: ground.repository.dir })).stdout.trim();
  const commits = Object.fromEntries(
    await Promise.all(VERSIONS.map(async (v) => [RELEASES[v]!, await commitOf(v)] as const)),
  );
  return ground.write(
    {
      hub: { url: hub.url },
      ...{ managementCluster: 'mc-1', region: 'eu', sector: 'main', reportEvery: '1s', commits },
      components: [
        { name: 'lease-operator', lever: 'annotation', repository: 'registry.example/lease-operator' },
      ],
      labels: { customer: 'customer' },
      stateDir: join(ground.dir, 'agent'),
      kubeconfig: cluster().kubeconfigFor(AGENT),
    },
    'agent.yaml',
  );
}

/** What the owner of the spec writes, under a name of its own. */
const merge = (name: string, body: Thing): Promise<Answer> =>
  cluster().admin.ask({
    ...{ method: 'PATCH', path: `${CLUSTERS}/${name}?fieldManager=work-agent` },
    contentType: 'application/merge-patch+json',
    body,
  });
const upgrade = (name: string, version: string) =>
  merge(name, { spec: { release: { image: releaseImage(version) } } });
const annotationsOf = async (name: string): Promise<Readonly<Record<string, string>>> =>
  (await cluster().admin.get(`${CLUSTERS}/${name}`)).metadata.annotations ?? {};
const lever = async (name: string) => (await annotationsOf(name))[CPO_IMAGE];

const view = (): Promise<FixView> => cast.engineer.view(fix);
const target = async (name: string): Promise<TargetView | undefined> =>
  (JSON.parse(await cli('get', 'targets', '--for', fix, '-o', 'json')).items as TargetView[]).find(
    (t) => t.name === `${name}.clusters`,
  );
const stands = (name: string, standing: string) =>
  eventually(`${name} ${standing}`, async () => {
    const seen = await target(name);
    return seen?.standing === standing && seen;
  }).catch(async (problem: Error) => {
    throw new Error(
      `${problem.message}\n${await cli('get', 'targets', '--for', fix)}${await cli('why', fix)}`,
    );
  });
const types = async () =>
  (await cast.engineer.record(fix)).flatMap((l) => (l.kind === 'event' ? [l.event.type] : []));
/** Nothing that others did was put down to the image. */
const expectNothingHeldAgainstIt = async () => {
  expect((await types()).filter((t) => ['Halted', 'TargetsRolledBack', 'Paused'].includes(t))).toEqual([]);
  expect((await view()).pace?.failed ?? 0).toBe(0);
};
/** Plans again, until so many are in the plan: what the hub has heard lags behind what is. A second person approves, a third starts. */
async function delivered(many: number): Promise<void> {
  await eventually(`a plan for ${many}`, async () => (await cast.engineer.plan(fix)).inPlan === many).catch(
    async (problem: Error) => {
      throw new Error(`${problem.message}\n${await cli('plan', fix)}`);
    },
  );
  await started(cast, fix, await approved(cast, fix));
  await covered();
}
const covered = () =>
  inState(cast, fix, 'covered').catch(async (problem: Error) => {
    throw new Error(
      `${problem.message}\n${await cli('get', 'targets', '--for', fix)}${await cli('why', fix)}`,
    );
  });

test('a fix is put on every hosted cluster and covered', async () => {
  const planes = async () => JSON.parse(await cli('get', 'agents', '-o', 'json')).items[0]?.planes;
  await eventually('all are reported', async () => (await planes()) === PLANES);
  const { firstTry, followUp } = ground.repository;
  fix = await declared(cast, [firstTry, followUp]);
  await inState(cast, fix, 'proven');
  await delivered(PLANES);
});

test('what customers do to the override of a covered cluster is shown, for each as what it is, and left to people', async () => {
  const orders = (await types()).filter((t) => t === 'TargetsStarted').length;
  expect((await merge('cp-2', { metadata: { annotations: { [CPO_IMAGE]: FOREIGN } } })).status).toBe(200);
  expect((await merge('cp-3', { metadata: { annotations: { [CPO_IMAGE]: null } } })).status).toBe(200);
  const { admin } = cluster();
  expect((await admin.ask({ method: 'DELETE', path: `${CLUSTERS}/cp-4` })).status).toBe(200);
  await eventually(
    'cp-4 is gone',
    async () => (await admin.ask({ method: 'GET', path: `${CLUSTERS}/cp-4` })).status === 404,
  );
  await operator!.makeCluster({ namespace: 'clusters', name: 'cp-4' });
  await stands('cp-2', 'unknown');
  await stands('cp-3', 'exposed');
  await stands('cp-4', 'exposed');
  await eventually('all has settled', async () => {
    const all = await Promise.all(['cp-2', 'cp-3', 'cp-4'].map(target));
    return all.every((t) => t?.digest !== undefined);
  });
  const said = async (name: string) => [
    (await target(name))?.because,
    await cli('describe', `target/${name}.clusters`),
  ];
  const [edited, removed, anew] = [
    'nobody knows what is in the image it runs; its override was overwritten with ffffffffffff',
    'runs 4.19.11 without the fix; its override was taken away by others',
    'runs 4.19.11 without the fix; it was created again and is another control plane than the one that was changed',
  ];
  expect(await said('cp-2')).toEqual([edited, expect.stringContaining(`Not known for ${fix}: ${edited}.`)]);
  expect(await said('cp-3')).toEqual([
    removed,
    expect.stringContaining(`Does not have ${fix} yet: ${removed}.`),
  ]);
  expect(await said('cp-4')).toEqual([anew, expect.stringContaining(`Does not have ${fix} yet: ${anew}.`)]);
  const { headline, needs } = await view();
  expect(headline).toBe(
    'Covered once; 2 control planes run without it, 1 control plane runs an image that nobody knows by now',
  );
  expect(needs.map((n) => n.what)).toEqual([
    expect.stringMatching(/^plan again/),
    expect.stringMatching(/^have its owner take the override back/),
  ]);
  expect(await lever('cp-2')).toBe(FOREIGN);
  expect((await types()).filter((t) => t === 'TargetsStarted')).toHaveLength(orders);
  await expectNothingHeldAgainstIt();
  // Their owner gives it back, and the next plan takes all three.
  await merge('cp-2', { metadata: { annotations: { [CPO_IMAGE]: null } } });
  await stands('cp-2', 'exposed');
  await delivered(3);
});

/** How often a machine made something for a line. */
const made = async () => (await types()).filter((t) => t === 'LineAssembled' || t === 'Built').length;
const lineOf = async (name: string) => (await view()).lines.find((l) => l.line === name);

test('releases to come are prepared: of one the candidate is built and proven, the other is told to have it already', async () => {
  for (const version of ['4.20.3', '4.19.12'])
    await cli('prepare', fix, '--release', version, '--commit', `v${version}`);
  await eventually('both are looked at', async () => {
    const [without, with_] = [await lineOf('4.20.3'), await lineOf('4.19.12')];
    return with_?.outcome === 'contained' && without?.gates.length === 1 && without.gates[0]?.state === 'met';
  });
  expect(await lineOf('4.20.3')).toMatchObject({ targets: 0, prepared: { by: 'admin' }, build: 'done' });
  const said = await cli('describe', fix);
  expect(said).toMatch(/^4\.20\.3 +\w+ +4\.20\.3 +0, prepared +clean +done /m);
  expect(said).toContain(
    'prepared by admin: this release has the fix already, nothing is to be delivered there',
  );
  const { state, needs } = await view();
  expect([state, needs]).toEqual(['covered', []]);
  const refused = (release: string, commit: string) =>
    cli('prepare', fix, '--release', release, '--commit', commit).catch((e: { stderr: string }) => e.stderr);
  expect(await refused('4.20.3', 'v4.20.3')).toMatch(/\w+ is prepared already, as line 4\.20\.3/);
  expect(await refused('4.19.11', 'v4.19.11')).toMatch(/\w+ is line 4\.19\.11 already, with \d of the fleet/);
  expect(await refused('4.21.0', 'v4.21.0')).toContain('commit v4.21.0 does not exist in the repository');
});

test('an upgrade to a prepared release without it takes the override away in the same write, and waits for a plan and nothing else', async () => {
  const before = await lever('cp-0');
  const madeBefore = await made();
  expect(before).toMatch(/^registry\.example\/lease-operator@sha256:/);
  const { status, body } = await upgrade('cp-0', '4.20.3');
  expect([status, body.metadata.annotations[CPO_IMAGE]]).toEqual([200, undefined]);
  const seen = await stands('cp-0', 'exposed');
  expect(seen.because).not.toBe('');
  await eventually('its line is reached', async () => (await lineOf('4.20.3'))?.targets === 1);
  expect(await lineOf('4.20.3')).not.toHaveProperty('prepared');
  const asked = await view();
  expect(asked.headline).toBe('Covered once; 1 control plane runs without it by now');
  expect(asked.needs.map((n) => n.what)).toEqual([expect.stringMatching(/^plan again/)]);
  expect((await target('cp-0'))?.because).toMatch(/^runs \S+ without the fix/);
  await expectNothingHeldAgainstIt();
  await delivered(1);
  expect(await made()).toBe(madeBefore);
  expect(await lever('cp-0')).not.toBe(before);
  expect(JSON.parse((await annotationsOf('cp-0'))[MARK]!)).toMatchObject({
    release: releaseImage('4.20.3'),
  });
});

test('an upgrade to a release with it takes the override away in the same write, and needs nobody', async () => {
  const { status, body } = await upgrade('cp-1', '4.19.12');
  expect([status, body.metadata.annotations[CPO_IMAGE]]).toEqual([200, undefined]);
  const seen = await stands('cp-1', 'native');
  expect(seen.because).toMatch(/^its release \S+ contains the fix$/);
  expect(await cli('describe', 'target/cp-1.clusters')).toContain(
    `Its release contains ${fix}; no action needed.`,
  );
  await eventually('nobody is needed', async () => (await view()).needs.length === 0);
  expect((await view()).state).toBe('covered');
  expect(await lever('cp-1')).toBeUndefined();
  await expectNothingHeldAgainstIt();
});

test('where upgrades under an override are blocked, the denial says what to do, and once it is taken back the upgrade passes', async () => {
  const { admin } = cluster();
  await deleteManifests(admin, 'upgrade-strip.yaml');
  await applyManifests(admin, 'upgrade-block.yaml');
  // A policy counts a moment after it was written.
  const denied = await eventually('the policy counts', async () => {
    const answer = await admin.ask({
      ...{ method: 'PATCH', path: `${CLUSTERS}/cp-0?fieldManager=work-agent&dryRun=All` },
      contentType: 'application/merge-patch+json',
      body: { spec: { release: { image: releaseImage('4.20.4') } } },
    });
    return answer.status === 422 && answer;
  });
  expect(denied.body.message).toContain(
    `the override of ${fix} (${await lever('cp-0')}) was made for another release than ${releaseImage('4.20.4')}: take it away in the same write`,
  );
  expect((await upgrade('cp-0', '4.20.4')).status).toBe(422);
  await cli('rollback', fix, '--target', 'cp-0.clusters', '--reason', 'it is upgraded', '--yes');
  await eventually('its override is taken back', async () => (await lever('cp-0')) === undefined);
  expect((await upgrade('cp-0', '4.20.4')).status).toBe(200);
  await stands('cp-0', 'native');
  await covered();
});

test('overrides that outlived their release are retired in waves, held where a guard holds, and stopped by what breaks', async () => {
  const keeping = (version: string) => ({
    metadata: { annotations: { 'fleetfix.dev/upgrade-allowed': releaseImage(version) } },
  });
  for (const [name, version] of [
    ['cp-3', '4.20.4'],
    ['cp-4', '4.19.12'],
    ['cp-5', '4.19.12'],
  ] as const) {
    await merge(name, keeping(version));
    expect((await upgrade(name, version)).status).toBe(200);
    expect(await lever(name)).toBeDefined();
  }
  await Promise.all(
    ['cp-3', 'cp-4', 'cp-5'].map(async (name) =>
      operator!.settled(await cluster().admin.get(`${CLUSTERS}/${name}`)),
    ),
  );
  const preview = async () => await cli('retire', fix, '--dry-run');
  await eventually('the releases are known', async () => /3 overrides/.test(await preview())).catch(
    async (problem: Error) => {
      throw new Error(`${problem.message}\n${await preview()}\n${await cli('get', 'targets', '--for', fix)}`);
    },
  );
  // One write, so that who knows the one knows the other.
  await merge('cp-3', { metadata: { labels: { customer: 'acme' } }, spec: { pausedUntil: 'true' } });
  await eventually('its pause is known', async () => (await target('cp-3'))?.customer === 'acme');
  await cli('retire', fix, '--yes');
  await eventually(
    'two overrides are gone',
    async () => (await view()).headline === 'Covered, retiring: 2 overrides gone',
  );
  expect(await Promise.all(['cp-3', 'cp-4', 'cp-5'].map(lever))).toEqual([
    expect.any(String),
    undefined,
    undefined,
  ]);
  await merge('cp-3', { spec: { pausedUntil: null } });
  await eventually('the third follows', async () => (await lever('cp-3')) === undefined);
  const cp3 = await cluster().admin.get(`${CLUSTERS}/cp-3`);
  operator!.pretend(cp3, { KubeAPIServerAvailable: { status: 'False' } });
  const stopped = await eventually('it stops', async () => {
    const seen = await view();
    return seen.paused && seen;
  });
  expect(stopped.headline).toMatch(/^Retirement paused by fleetfix: 1 of 3 broke after their override went/);
  expect(stopped.needs.map((n) => n.command)).toContain(`fleetfix resume ${fix} --reason TEXT`);
  operator!.pretend(cp3, {});
  await cli('resume', fix, '--reason', 'its network was cut', '--yes');
  await inState(cast, fix, 'retired');
  const waves = (await cast.engineer.record(fix)).flatMap((l) =>
    l.kind === 'event' && l.event.type === 'OverridesDropped'
      ? [(l.event as { targets?: readonly string[] }).targets!.length]
      : [],
  );
  expect(waves).toEqual([2, 1]);
  expect(await lever('cp-2')).toBeDefined();
  expect((await view()).headline).toBe('Retired, but for 1 override that stays: its release lacks the fix');
});
