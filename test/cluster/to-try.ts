import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { promisify } from 'node:util';
import { stringify } from 'yaml';
import { makeRepository } from '../../src/simulator/demo/repository.ts';
import { applyManifests } from '../agent/rights.ts';
import { type Api, ApiRefusal, apiOf, type Thing } from './api.ts';
import { startOperator } from './hypershift/operator.ts';
import { ADMIN, kubeconfig } from './identities.ts';
import { startKubelet } from './kubelet.ts';

const VERSIONS = ['4.19.11', '4.20.3'] as const;
const NAMESPACE = 'clusters';
const ACCOUNT = { namespace: 'fleetfix', name: 'fleetfix-agent' };
const TOKEN_FOR_S = 30 * 86_400;
/** So that a rollout is seen to go on, and not over before the first look. */
const POD_READY_AFTER_MS = 1_000;

const run = promisify(execFile);
const digestOf = (name: string): string => `sha256:${createHash('sha256').update(name).digest('hex')}`;
const releaseDigest = (version: string): string => digestOf(`control-plane-operator ${version}`);
const OPERATOR_DIGEST = digestOf('hypershift-operator');

/**
 * Fills the cluster of `cluster:up` in `dir` with something to try Fleetfix on: `planes` hosted clusters under a pretend
 * HyperShift operator and kubelet, the rights of the deployed agent, and in `dir/try` a repository with a bug and
 * configurations of a hub and an agent. What is there already stays. It says what it made, and pretends until `signal`.
 */
export async function pretendHyperShift(
  dir: string,
  { planes, signal, say }: { readonly planes: number; readonly signal: AbortSignal; readonly say: Say },
): Promise<void> {
  const to = addressIn(dir);
  const admin = apiOf(to);
  await grant(admin);
  const kubelet = await startKubelet(admin, { readyAfterMs: POD_READY_AFTER_MS });
  const operator = startOperator(admin, {
    releases: Object.fromEntries(
      VERSIONS.map((version) => [version, `registry.example/release@${releaseDigest(version)}`]),
    ),
  });
  try {
    await kept(admin.create('/apis/apps/v1/namespaces/hypershift/deployments', operatorDeployment()));
    for (let i = 0; i < planes; i += 1) {
      const wish = { namespace: NAMESPACE, name: `cp-${i + 1}`, version: VERSIONS[i % VERSIONS.length]! };
      await kept(operator.makeCluster(wish));
    }
    say(await filesToTry(dir, { ...to, token: await tokenOfAgent(admin) }));
    if (!signal.aborted) await new Promise((ended) => signal.addEventListener('abort', ended));
  } finally {
    await operator.stop();
    await kubelet.stop();
    admin.close();
  }
}

type Say = (text: string) => void;
type Address = { readonly url: string; readonly ca: string; readonly token: string };

function addressIn(dir: string): Address {
  const config = JSON.parse(readFileSync(path.join(dir, `${ADMIN}.kubeconfig`), 'utf8')) as Thing;
  const { server, 'certificate-authority-data': ca } = config.clusters[0].cluster;
  return { url: server, ca: Buffer.from(ca, 'base64').toString(), token: config.users[0].user.token };
}

/** The identity of the deployed agent with its rights, for hosted clusters and for HyperShift's own operator. */
async function grant(admin: Api): Promise<void> {
  await applyManifests(admin, 'rights.yaml');
  await kept(admin.create('/api/v1/namespaces', { metadata: { name: 'hypershift' } }));
  await applyManifests(admin, 'workload-rights.yaml');
}

async function kept(made: Promise<unknown>): Promise<void> {
  await made.catch((problem) => {
    if (!(problem instanceof ApiRefusal && problem.body.reason === 'AlreadyExists')) throw problem;
  });
}

async function tokenOfAgent(admin: Api): Promise<string> {
  const at = `/api/v1/namespaces/${ACCOUNT.namespace}/serviceaccounts/${ACCOUNT.name}/token`;
  const asked = {
    apiVersion: 'authentication.k8s.io/v1',
    kind: 'TokenRequest',
    spec: { expirationSeconds: TOKEN_FOR_S },
  };
  return (await admin.create(at, asked)).status.token;
}

const operatorDeployment = (): Thing => ({
  apiVersion: 'apps/v1',
  kind: 'Deployment',
  metadata: { name: 'operator', namespace: 'hypershift' },
  spec: {
    replicas: 2,
    selector: { matchLabels: { app: 'operator' } },
    template: {
      metadata: { labels: { app: 'operator' } },
      spec: {
        containers: [{ name: 'operator', image: `registry.example/hypershift-operator@${OPERATOR_DIGEST}` }],
      },
    },
  },
});

/** Writes what is not there yet; what to do next. */
async function filesToTry(dir: string, agent: Address): Promise<string> {
  const at = path.join(dir, 'try');
  mkdirSync(at, { recursive: true, mode: 0o700 });
  const repository = path.join(at, 'repository');
  if (!existsSync(path.join(repository, '.git'))) await makeRepository(repository);
  const commitOf = async (name: string) =>
    (await run('git', ['rev-parse', '--verify', `${name}^{commit}`], { cwd: repository })).stdout.trim();
  const change = `${await commitOf('main~1')},${await commitOf('main')}`;
  const newest = await commitOf(`v${VERSIONS.at(-1)}`);
  const commits = Object.fromEntries(
    await Promise.all(VERSIONS.map(async (v) => [releaseDigest(v), await commitOf(`v${v}`)] as const)),
  );
  // The token in it is a new one each time.
  const config = path.join(at, 'agent.kubeconfig');
  writeFileSync(config, kubeconfig({ ...agent, user: ACCOUNT.name }), { mode: 0o600 });
  const hubFile = once(path.join(at, 'fleetfix.yaml'), hubConfig(repository));
  const agentFile = once(
    path.join(at, 'agent.yaml'),
    agentConfig({ at, config, commits: { ...commits, [OPERATOR_DIGEST]: newest } }),
  );
  const parts = `--component hypershift-operator --commit ${change} --then control-plane-operator=${change}`;
  return [
    `hosted clusters: kubectl --kubeconfig ${path.join(dir, `${ADMIN}.kubeconfig`)} get hostedclusters -A`,
    `hub: fleetfix hub serve --config ${hubFile} --data-dir ${path.join(path.dirname(dir), 'hub')}`,
    `agent of mc-1: ${agentFile}`,
    `a fix: fleetfix declare ${parts}`,
    'The pretend operator and kubelet run until Ctrl-C; the cluster runs on until cluster:down.',
  ].join('\n');
}

function once(file: string, content: unknown): string {
  if (!existsSync(file)) writeFileSync(file, stringify(content));
  return file;
}

/** One repository gives both images, as HyperShift's does. */
function hubConfig(repository: string): unknown {
  const part = (name: string, more: object) => ({
    name,
    repository,
    image: `registry.example/${name}`,
    builder: { kind: 'command', command: [process.execPath, 'build.mjs'], output: 'out', timeout: '2m' },
    gates: [{ name: 'bvt', command: [process.execPath, 'test/leases.test.mjs'], timeout: '2m' }],
    owners: ['hosted-team'],
    ...more,
  });
  const lane = {
    targets: { assembly: '10m', build: '30m', proof: '1h', approval: '30m', rollout: '1h', covered: '3h' },
    before: ['bvt'],
  };
  return {
    components: [
      part('control-plane-operator', {}),
      part('hypershift-operator', { levers: ['workload-image'], per: 'managementCluster' }),
    ],
    policies: [
      {
        name: 'default',
        severities: { critical: lane, high: lane, moderate: lane },
        approvers: { count: 1, role: 'approver' },
        // Evidence counts after seconds, which is for trying only.
        pace: { harmBudget: 'routine', oneBox: 4, law: { median: '20s', sigma: 0.6 } },
        silentAfter: '1m',
      },
    ],
  };
}

const agentConfig = (here: {
  readonly at: string;
  readonly config: string;
  readonly commits: Readonly<Record<string, string>>;
}): unknown => ({
  hub: { url: 'http://127.0.0.1:8470' },
  managementCluster: 'mc-1',
  region: 'eu-west-1',
  sector: 'main',
  components: [
    {
      name: 'control-plane-operator',
      lever: 'annotation',
      repository: 'registry.example/control-plane-operator',
    },
    {
      name: 'hypershift-operator',
      lever: 'workload-image',
      repository: 'registry.example/hypershift-operator',
      workload: { kind: 'Deployment', namespace: 'hypershift', name: 'operator', container: 'operator' },
    },
  ],
  stateDir: path.join(here.at, 'agent-state'),
  kubeconfig: here.config,
  reportEvery: '5s',
  commits: here.commits,
});
