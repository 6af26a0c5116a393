import { mkdir, writeFile } from 'node:fs/promises';
import { homedir } from 'node:os';
import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type Logger, pino } from 'pino';
import { openAttempts } from '../adapters/attempts/index.ts';
import { systemClock } from '../adapters/clock/system.ts';
import { createCommandBuilder } from '../adapters/command/builder.ts';
import { createGateRunner } from '../adapters/command/gate-runner.ts';
import { loadConfig } from '../adapters/config/load.ts';
import { createRepositories } from '../adapters/git/index.ts';
import { createRosterSource } from '../adapters/icalendar/index.ts';
import { readReport } from '../adapters/junit/index.ts';
import { createLinks } from '../adapters/links/index.ts';
import { openLogs } from '../adapters/logs/index.ts';
import { keepImage } from '../adapters/oci/index.ts';
import { clientConfig } from '../adapters/postgres/connection.ts';
import { openStorage, type Storage } from '../adapters/postgres/index.ts';
import { readGateQuestions } from '../adapters/registry/gate-questions.ts';
import { createRegistry } from '../adapters/registry/index.ts';
import { openTrees } from '../adapters/select/index.ts';
import { openSigner } from '../adapters/signer/index.ts';
import { openTemplates } from '../adapters/texts/index.ts';
import { HOUR, type Instant, MINUTE, type Ms, plus } from '../core/base/instant.ts';
import { fold } from '../core/life/evolve.ts';
import type { State } from '../core/life/fix.ts';
import type { TargetState } from '../core/rollout/observed.ts';
import type { Clock } from '../ports/clock.ts';
import type { Clusters } from '../ports/clusters.ts';
import type { Signer } from '../ports/signer.ts';
import type { Config } from '../wire/config.ts';
import type { RosterConfig } from '../wire/roster.ts';
import { createGateway } from './agents/gateway.ts';
import { addAgentRoutes } from './agents/routes.ts';
import { createSessions } from './agents/sessions.ts';
import { createApi } from './api/app.ts';
import type { Api } from './api/context.ts';
import { listen } from './api/serve.ts';
import { createDuties, type Duties } from './duties.ts';
import type { Hub } from './hub.ts';
import { createHub } from './hub.ts';
import { createJobs } from './jobs.ts';
import { createMetrics } from './metrics.ts';
import type { Parts } from './parts.ts';

export type ServeOptions = { readonly config?: string; readonly dataDir?: string; readonly listen?: string };

export type HubOptions = {
  readonly config: Config;
  readonly dataDir: string;
  readonly listen?: string;
  readonly clock?: Clock;
  /** What carries orders out; made once the hub's key is known. Absent: agents that enrol with the hub. */
  readonly clusters?: (signer: Signer, storage: Storage) => Promise<Clusters>;
  readonly onImage?: Parts['onImage'];
  readonly stepped?: boolean;
  /** The data directory is gone when the hub is: its own database need not wait for the disk. */
  readonly isThrownAway?: boolean;
  /** More routes on the same server. */
  readonly extend?: (app: Api, hub: Hub) => void;
  readonly logLevel?: string;
};

export type RunningHub = {
  readonly url: string;
  readonly hub: Hub;
  readonly storage: Storage;
  /** Holds the token of the first admin; only its owner can read it. */
  readonly adminTokenFile: string;
  close(): Promise<void>;
};

const VERSION = '0.1.0';
const DEFAULT_CONFIG = 'fleetfix.yaml';

const WITHOUT_DISK = { fsync: 'off', synchronous_commit: 'off', full_page_writes: 'off' };

function dutiesOf(
  config: RosterConfig,
  it: {
    readonly dataDir: string;
    readonly now: () => Instant;
    readonly log: Logger;
  },
): Duties {
  const copiesDir = join(it.dataDir, 'calendars');
  const source = createRosterSource({ dir: '.', copiesDir, fetch, now: it.now });
  return createDuties(source, config, it);
}

/** Puts a hub together from real parts and starts it. Throws with what is wrong; nothing is left running then. */
export async function startHub(options: HubOptions): Promise<RunningHub> {
  const { config } = options;
  const dataDir = resolve(options.dataDir);
  const log = pino({ level: options.logLevel ?? process.env.FLEETFIX_LOG ?? 'info' }, pino.destination(2));
  const clock = options.clock ?? systemClock();
  const now = () => clock.now();
  const questionOf = await readGateQuestions(config, now());
  await mkdir(dataDir, { recursive: true, mode: 0o711 });
  const databaseUrl = process.env.DATABASE_URL;
  const embedded = {
    dataDir: join(dataDir, 'database'),
    ...(options.isThrownAway && { settings: WITHOUT_DISK }),
  };
  const storage = await openStorage(databaseUrl ? { databaseUrl } : embedded, {
    log: (text) => log.debug(text),
  });
  const closers: (() => Promise<void> | void)[] = [() => storage.close()];
  const close = async () => {
    for (const step of closers.splice(0).reverse()) await step();
  };
  try {
    const signer = await openSigner({ dir: join(dataDir, 'keys') });
    const metrics = createMetrics({ version: VERSION, facts: () => countsOf(parts) });
    const { agents, ...stores } = storage;
    const gateway = options.clusters ? undefined : createGateway({ agents, now, log });
    const duties = config.roster && dutiesOf(config.roster, { dataDir, now, log });
    const parts: Parts = {
      ...stores,
      config,
      clusters: gateway ?? (await options.clusters!(signer, storage)),
      ...(gateway && { agents }),
      repositories: createRepositories({ dir: join(dataDir, 'git') }),
      trees: (gitDir) => openTrees(gitDir, { cacheDir: join(dataDir, 'cache') }),
      templates: openTemplates({
        own: join(dataDir, 'templates'),
        shipped: fileURLToPath(new URL('../../templates', import.meta.url)),
      }),
      builder: createCommandBuilder(keepImage),
      gates: createGateRunner(readReport),
      attempts: openAttempts(join(dataDir, 'attempts')),
      registry: {
        open: (reach, signal) =>
          createRegistry({ ...reach, env: process.env, now, fetch, signal, limits: PATIENCE }),
        questionOf,
      },
      links: createLinks(config.links),
      ...(duties && { duties }),
      signer,
      logs: openLogs(join(dataDir, 'logs')),
      clock,
      jobs: createJobs({ ...clientConfig(storage.connection) }, log, { alone: !databaseUrl }),
      layout: join(dataDir, 'images'),
      log,
      metrics,
      ...(options.onImage && { onImage: options.onImage }),
      ...(options.stepped && { stepped: true }),
    };
    duties?.start();
    closers.push(() => duties?.stop());
    const hub = createHub(parts);
    const adminTokenFile = join(dataDir, 'admin.token');
    await firstAdmin(storage, adminTokenFile);
    const app = createApi({
      desk: hub.desk,
      feed: storage.ledger,
      ready: async () =>
        await storage.healthy().then(
          () => [],
          (problem: Error) => [problem.message],
        ),
      metrics,
      log,
      version: VERSION,
      now,
      consoleDir: fileURLToPath(new URL('../../console/dist', import.meta.url)),
    });
    if (gateway) {
      const sessions = createSessions({ secret: signer.secretFor('agent sessions'), now });
      const hubKeys = [{ keyId: signer.keyId, publicKey: signer.publicKey }];
      addAgentRoutes(app, { agents, gateway, sessions, hubKeys, now, log });
    }
    options.extend?.(app, hub);
    closers.push(() => hub.stop());
    await hub.start();
    closers.push(keepTidy(storage, clock, log));
    const server = await listen(app, addressOf(options.listen ?? config.listen));
    closers.push(() => server.close());
    await writeFile(join(dataDir, 'hub.url'), `${server.url}\n`);
    log.info({ url: server.url, dataDir }, 'hub is ready');
    return { url: server.url, hub, storage, adminTokenFile, close };
  } catch (problem) {
    await close();
    throw problem;
  }
}

/** Nobody waits at a screen: a registry that restarts is waited for, half a minute of pauses in all. */
const PATIENCE = { attempts: 7, backOffMs: 500 };

const TIDY_EVERY_MS: Ms = 6 * HOUR;

/** Drops what is kept for a time only, now and then. Gives what ends it. */
function keepTidy(storage: Storage, clock: Clock, log: Logger): () => void {
  let off = () => {};
  const next = () => {
    off = clock.at(plus(clock.now(), TIDY_EVERY_MS), () => {
      storage
        .tidy(clock.now())
        .catch((problem) => log.warn({ problem: String(problem) }, 'old answers and orders stay for now'));
      next();
    });
  };
  next();
  return () => off();
}

async function firstAdmin(storage: Storage, file: string): Promise<void> {
  if ((await storage.people.list()).length > 0) return;
  const token = await storage.people.issue('admin', ['admin']);
  await writeFile(file, `${token}\n`, { mode: 0o600 });
}

async function countsOf({ fixes: rows, ledger }: Parts) {
  const fixes: Partial<Record<State, number>> = {};
  const targets: Partial<Record<TargetState, number>> = {};
  for (const row of await rows.list({})) {
    fixes[row.state] = (fixes[row.state] ?? 0) + 1;
    if (row.state !== 'delivering') continue;
    const told = Object.values(fold(await ledger.events(row.id))?.rollout?.targets ?? {});
    for (const { state } of told) targets[state] = (targets[state] ?? 0) + 1;
  }
  return { fixes, targets };
}

export function addressOf(text: string): { readonly host: string; readonly port: number } {
  const colon = text.lastIndexOf(':');
  return { host: text.slice(0, colon), port: Number(text.slice(colon + 1)) };
}

/** Where a hub keeps everything when it is not told. */
export const defaultDataDir = (): string =>
  join(process.env.XDG_DATA_HOME ?? join(homedir(), '.local', 'share'), 'fleetfix');

/** The configuration a hub is started with. Throws a ConfigProblem. */
export const configOf = (options: ServeOptions): Promise<Config> =>
  loadConfig(options.config ?? DEFAULT_CONFIG);

/** What runs beside a hub in its process, until `stop`. `invite` makes a one-time token for a management cluster. */
export type Alongside = (
  at: { readonly url: string; readonly invite: (managementCluster: string) => Promise<string> },
  stop: AbortSignal,
) => Promise<void>;

const INVITATION_MS = 10 * MINUTE;

/** `fleetfix hub serve`: runs until SIGTERM or SIGINT. Throws when what runs alongside does. */
export async function serve(config: Config, options: ServeOptions, alongside?: Alongside): Promise<void> {
  const dataDir = options.dataDir ?? defaultDataDir();
  // Listened for from the first moment: a stop during the start must not leave the database running.
  const stop = stopped();
  const running = await startHub({
    config,
    dataDir,
    ...(options.listen && { listen: options.listen }),
  });
  announce(running);
  const over = new AbortController();
  const invite = (cluster: string) =>
    running.storage.agents.invite(cluster, plus(systemClock().now(), INVITATION_MS));
  const beside = alongside?.({ url: running.url, invite }, over.signal);
  try {
    // Without its agents a hub that was asked for them is not what was asked for.
    await Promise.race([stop, beside?.then(() => stop) ?? stop]);
  } finally {
    over.abort();
    await beside?.catch(() => {});
    await running.close();
  }
}

/** Tells a person at a terminal what they need next. */
export function announce({ url, adminTokenFile }: RunningHub): void {
  process.stderr.write(
    `fleetfix hub at ${url}\n  log in: fleetfix login --hub ${url} --token-file ${adminTokenFile}\n`,
  );
}

/** Within this time the same stop is not taken for a second, impatient one. */
const ECHO_MS = 1_000;

/** Resolves at the first SIGTERM or SIGINT; a second one ends the process at once. */
export function stopped(): Promise<void> {
  return new Promise((resolve) => {
    let firstMs: number | undefined;
    const stop = () => {
      firstMs ??= performance.now();
      // One stop often comes twice: to the process, and to its group or by way of its parent.
      if (performance.now() - firstMs > ECHO_MS) process.exit(1);
      resolve();
    };
    process.on('SIGTERM', stop);
    process.on('SIGINT', stop);
  });
}
