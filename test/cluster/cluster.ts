import { randomInt } from 'node:crypto';
import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import http from 'node:http';
import { createServer } from 'node:net';
import path from 'node:path';
import { type Api, apiOf } from './api.ts';
import type { Binaries } from './binaries.ts';
import { ADMIN, type Identities, type Identity, identitiesIn, kubeconfig } from './identities.ts';
import { launch, markOf, type Program, ProgramEnded, ready, signalTo } from './program.ts';
import {
  endAll,
  endOne,
  isLeftOver,
  isUp,
  makeDir,
  makeTempDir,
  type Ports,
  readState,
  sweep,
  writeState,
} from './state.ts';

/** A real control plane without nodes: etcd, kube-apiserver, and the controllers that make pods of workloads. */
export type Cluster = {
  /** Such as `https://127.0.0.1:40123`; stays the same over restarts. */
  readonly url: string;
  /** PEM of the certificate authority that signed the server's certificate. */
  readonly ca: string;
  readonly dir: string;
  /** As `admin`, who may do everything. */
  readonly admin: Api;
  /** The API as an identity given at the start sees it; throws for another one. */
  as(user: string): Api;
  tokenOf(user: string): string;
  /** A kubeconfig file for the identity, readable by its owner only. */
  kubeconfigFor(user: string): string;
  readonly apiServer: {
    /** Ends it, with SIGTERM or the signal given, and waits until it is gone. */
    stop(how?: { readonly signal: NodeJS.Signals }): Promise<void>;
    /** Starts it again at the same address and waits until it is ready. */
    start(): Promise<void>;
  };
  /** Ends and starts all three; the data stay. */
  restart(): Promise<void>;
  /** Ends all three and, where the folder was a temporary one, removes it. Twice is once. */
  stop(): Promise<void>;
};

export type ClusterOptions = {
  readonly binaries: Binaries;
  /** Where data, keys and logs are; kept, and started from again. Default: a temporary folder. */
  readonly dir?: string;
  /** Who besides `admin` has a token. */
  readonly identities?: readonly Identity[];
  /** Leave it running when this process ends; `clusterIn` and `stopClusterIn` find it again. */
  readonly keep?: boolean;
  readonly apiServerArgs?: readonly string[];
};

type Place = {
  readonly binaries: Binaries;
  readonly dir: string;
  readonly identities: Identities;
  readonly keep: boolean;
  readonly apiServerArgs: readonly string[];
  ports: Ports;
  programs: Program[];
};

/** Only a guard against what hangs; on a busy machine the first start takes most of a minute. */
const READY_WITHIN_MS = 170_000;
/** Of one question whether it is ready: what listens on the port may be no program of ours. */
const PROBE_WITHIN_MS = 5_000;
const PORT_TRIES = 5;

/** What a Deployment needs to become pods, and what cleans up after it. Nothing that needs nodes or a cloud. */
const CONTROLLERS = [
  'deployment-controller',
  'replicaset-controller',
  'statefulset-controller',
  'daemonset-controller',
  'job-controller',
  'cronjob-controller',
  'disruption-controller',
  'namespace-controller',
  'garbage-collector-controller',
  'serviceaccount-controller',
];

/**
 * Starts a cluster on loopback and waits until it is ready. It ends with this process unless `keep` is set;
 * what a killed process left running is ended by the next start. Throws when the folder's cluster runs already
 * or a program ends; then nothing is left running.
 */
export async function startCluster(options: ClusterOptions): Promise<Cluster> {
  await sweep();
  const dir = options.dir === undefined ? await makeTempDir() : path.resolve(options.dir);
  makeDir(dir);
  const before = readState(dir);
  if (before !== undefined && isUp(before) && !isLeftOver(before)) {
    throw new Error(
      `A cluster runs in ${dir} already, at ${urlOf(before.ports)}. Stop it first, or take another folder.`,
    );
  }
  await endAll(before?.programs ?? []);
  const place: Place = {
    binaries: options.binaries,
    dir,
    identities: identitiesIn(dir, options.identities ?? []),
    keep: options.keep ?? false,
    apiServerArgs: options.apiServerArgs ?? [],
    ports: before?.ports ?? { etcd: await freePort(), api: await freePort() },
    programs: [],
  };
  remember(place);
  try {
    await startAll(place, { isKnown: false });
  } catch (problem) {
    await endAll(place.programs);
    if (options.dir === undefined) rmSync(dir, { recursive: true, force: true });
    throw problem;
  }
  return clusterOf(place, { temporary: options.dir === undefined });
}

const urlOf = (ports: Ports): string => `https://127.0.0.1:${ports.api}`;

function clusterOf(place: Place, { temporary }: { readonly temporary: boolean }): Cluster {
  const { dir, identities } = place;
  const to = { url: urlOf(place.ports), ca: caOf(dir) };
  const apis = new Map<string, Api>();
  const tokenOf = (user: string) => {
    const token = identities.tokens.get(user);
    if (token === undefined)
      throw new Error(`No identity ${user}; there are: ${[...identities.tokens.keys()].join(', ')}`);
    return token;
  };
  const as = (user: string) => {
    const api = apis.get(user) ?? apiOf({ ...to, token: tokenOf(user) });
    apis.set(user, api);
    return api;
  };
  const onExit = () => {
    for (const { mark } of place.programs) signalTo(mark, 'SIGKILL');
  };
  if (!place.keep) process.once('exit', onExit);
  return {
    ...to,
    dir,
    admin: as(ADMIN),
    as,
    tokenOf,
    kubeconfigFor: (user) => {
      const file = path.join(dir, `${user.replaceAll(/[^\w.-]/g, '_')}.kubeconfig`);
      writeFileSync(file, kubeconfig({ ...to, user, token: tokenOf(user) }), { mode: 0o600 });
      return file;
    },
    apiServer: {
      stop: ({ signal } = { signal: 'SIGTERM' }) => stopOne(place, 'kube-apiserver', signal),
      start: () => startApiServer(place),
    },
    restart: async () => {
      await endAll(place.programs);
      forget(place, place.programs);
      await startAll(place, { isKnown: true });
    },
    stop: async () => {
      if (!existsSync(dir)) return;
      for (const api of apis.values()) api.close();
      await endAll(place.programs);
      forget(place, place.programs);
      process.off('exit', onExit);
      if (temporary) rmSync(dir, { recursive: true, force: true });
    },
  };
}

/** Starts all three. A port that somebody else took meanwhile is exchanged, unless clients know it already. */
async function startAll(place: Place, { isKnown }: { readonly isKnown: boolean }) {
  for (let tries = 1; ; tries += 1) {
    try {
      await startEtcd(place);
      await startApiServer(place);
      startControllers(place);
      return;
    } catch (problem) {
      if (!isPortTaken(problem) || isKnown || tries >= PORT_TRIES) throw problem;
      await endAll(place.programs);
      forget(place, place.programs);
      place.ports = { etcd: await freePort(), api: await freePort() };
    }
  }
}

const isPortTaken = (problem: unknown): boolean =>
  problem instanceof ProgramEnded && /address already in use/.test(problem.message);

async function startEtcd(place: Place) {
  const url = `http://127.0.0.1:${place.ports.etcd}`;
  const etcd = start(place, 'etcd', [
    `--data-dir=${path.join(place.dir, 'etcd')}`,
    `--listen-client-urls=${url}`,
    `--advertise-client-urls=${url}`,
    '--listen-peer-urls=http://127.0.0.1:0',
    '--log-level=warn',
    // The data need to outlive a kill, not a power cut.
    '--unsafe-no-fsync',
  ]);
  await ready(etcd, () => answersOk(`${url}/health`), READY_WITHIN_MS);
}

async function startApiServer(place: Place) {
  const { dir, identities, ports } = place;
  const server = start(place, 'kube-apiserver', [
    `--etcd-servers=http://127.0.0.1:${ports.etcd}`,
    '--bind-address=127.0.0.1',
    `--secure-port=${ports.api}`,
    `--cert-dir=${path.join(dir, 'certs')}`,
    `--token-auth-file=${identities.tokensFile}`,
    '--authorization-mode=RBAC',
    '--service-account-issuer=https://kubernetes.default.svc',
    `--service-account-key-file=${identities.keyFile}`,
    `--service-account-signing-key-file=${identities.keyFile}`,
    '--service-cluster-ip-range=10.0.0.0/24',
    // Nothing runs that would reach the API through the service `kubernetes`.
    '--endpoint-reconciler-type=none',
    '--allow-privileged',
    '--profiling=false',
    ...place.apiServerArgs,
  ]);
  await ready(server, () => isApiReady(place), READY_WITHIN_MS);
}

function startControllers(place: Place) {
  const user = 'system:kube-controller-manager';
  const config = path.join(place.dir, 'controllers.kubeconfig');
  const token = place.identities.tokens.get(user)!;
  writeFileSync(config, kubeconfig({ url: urlOf(place.ports), ca: caOf(place.dir), user, token }), {
    mode: 0o600,
  });
  start(place, 'kube-controller-manager', [
    `--kubeconfig=${config}`,
    `--controllers=${CONTROLLERS.join(',')}`,
    // The usual 20 calls a second are for a server that is shared.
    '--kube-api-qps=500',
    '--kube-api-burst=1000',
    '--leader-elect=false',
    // It serves nobody; what it does is seen in the API.
    '--secure-port=0',
    '--profiling=false',
  ]);
}

/** Launches and remembers it at once, so that a kill of this process leaves nothing unknown. */
function start(place: Place, name: keyof Binaries, args: readonly string[]): Program {
  const log = path.join(place.dir, `${name}.log`);
  const program = launch({ name, file: place.binaries[name], args, log });
  place.programs = [...place.programs, program];
  remember(place);
  return program;
}

async function stopOne(place: Place, name: keyof Binaries, signal: NodeJS.Signals) {
  const ended = place.programs.filter((one) => one.name === name);
  for (const one of ended) await endOne(one, { signal });
  forget(place, ended);
}

function forget(place: Place, ended: readonly Program[]) {
  place.programs = place.programs.filter((one) => !ended.includes(one));
  remember(place);
}

function remember({ dir, keep, ports, programs }: Place) {
  const owner = keep ? undefined : markOf(process.pid);
  writeState(dir, { ...(owner && { owner }), ports, programs });
}

const certFile = (dir: string): string => path.join(dir, 'certs', 'apiserver.crt');

/** The server signs its own certificate at its first start; the file holds it and, last, the authority. */
function caOf(dir: string): string {
  const certificates = readFileSync(certFile(dir), 'utf8').split(/(?=-----BEGIN CERTIFICATE-----)/);
  return certificates.at(-1)!;
}

async function isApiReady(place: Place): Promise<boolean> {
  if (!existsSync(certFile(place.dir))) return false;
  const token = place.identities.tokens.get(ADMIN)!;
  const api = apiOf({ url: urlOf(place.ports), ca: caOf(place.dir), token });
  try {
    return (await api.ask({ path: '/readyz', signal: AbortSignal.timeout(PROBE_WITHIN_MS) })).status === 200;
  } catch {
    return false;
  } finally {
    api.close();
  }
}

function answersOk(url: string): Promise<boolean> {
  return new Promise((resolve) => {
    const request = http.get(url, { timeout: PROBE_WITHIN_MS }, (response) => {
      response.resume();
      resolve(response.statusCode === 200);
    });
    request.on('timeout', () => request.destroy());
    request.on('error', () => resolve(false)).on('close', () => resolve(false));
  });
}

// Below what systems hand out for outgoing connections (Linux from 32768, others from 49152): a server that is away for a while
// finds its port free when it is back.
const PORTS = { from: 15_000, below: 32_000 };

/** A port that is free now; somebody may take it before we do. */
async function freePort(): Promise<number> {
  for (let tries = 0; tries < 50; tries += 1) {
    const port = randomInt(PORTS.from, PORTS.below);
    if (await isFree(port)) return port;
  }
  throw new Error(`No port between ${PORTS.from} and ${PORTS.below} was free in 50 tries.`);
}

const isFree = (port: number): Promise<boolean> =>
  new Promise((resolve) => {
    const server = createServer().on('error', () => resolve(false));
    server.listen(port, '127.0.0.1', () => server.close(() => resolve(true)));
  });
