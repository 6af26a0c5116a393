import { execFile } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { FolderTaken, takeFolder } from '../process/take-folder.ts';
import { chooseRunAs, EmbeddedProblem, explain, explainFile, findBinaries } from './binaries.ts';
import { adopt, commandOf, ENVIRONMENT, type Place, type Running, start } from './postmaster.ts';
import { chooseSocketDir, SOCKET_PORT } from './socket-dir.ts';

const HUB = {
  who: 'hub',
  next:
    'One hub at a time may use a data directory. Stop that hub, or start this one with another --data-dir, ' +
    'or set DATABASE_URL so that several hubs can share one database.',
};

/** A PostgreSQL server that runs for one data directory, on a unix socket and nowhere else. */
export type EmbeddedServer = {
  readonly connection: {
    readonly host: string;
    readonly port: number;
    readonly user: string;
    readonly database: string;
  };
  /** Whether it was running already: left behind by a hub that was killed. */
  readonly adopted: boolean;
  /** Process id of the server now; another one after it was restarted. */
  pid(): number;
  /** Stops the server, waits until it is gone, and gives the data directory back. Twice is once. */
  stop(): Promise<void>;
};

export type EmbeddedOptions = {
  /** Made when missing. One hub at a time. */
  readonly dataDir: string;
  /** PostgreSQL settings besides ours, e.g. `{ fsync: 'off' }` in tests. */
  readonly settings?: Readonly<Record<string, string>>;
  readonly log?: (text: string) => void;
};

const INITDB_WITHIN_MS = 300_000;

/**
 * Starts PostgreSQL on the data directory (initialised on first use), or adopts the server that runs
 * there already. A server that ends by itself is started again.
 *
 * Throws `FolderTaken` when another hub uses the directory and `EmbeddedProblem` when the server
 * cannot be had or started; both leave nothing running that was not before.
 */
export async function startEmbedded(options: EmbeddedOptions): Promise<EmbeddedServer> {
  const dataDir = path.resolve(options.dataDir);
  const lock = prepare(dataDir);
  try {
    const bin = await findBinaries();
    const runAs = chooseRunAs([bin, dataDir]);
    const place: Place = {
      dataDir,
      pgDir: path.join(dataDir, 'pg'),
      socketDir: chooseSocketDir(dataDir, runAs.owner),
      logFile: path.join(dataDir, 'postgres.log'),
      bin,
      runAs,
      settings: options.settings ?? {},
    };
    await initialise(place);
    return await supervise(place, options.log ?? (() => {}), lock);
  } catch (problem) {
    lock.release();
    if (problem instanceof EmbeddedProblem || problem instanceof FolderTaken) throw problem;
    throw explainFile(dataDir, problem);
  }
}

function prepare(dataDir: string): { release(): void } {
  try {
    // 0711: `nobody` must be able to pass through when we are root. What is inside is closed.
    fs.mkdirSync(dataDir, { recursive: true, mode: 0o711 });
    return takeFolder(dataDir, HUB);
  } catch (problem) {
    throw problem instanceof FolderTaken ? problem : explainFile(dataDir, problem);
  }
}

/** Makes the cluster under another name first, so that a kill in between leaves no half of one. */
async function initialise(place: Place) {
  const { pgDir, runAs } = place;
  if (fs.existsSync(path.join(pgDir, 'PG_VERSION'))) return giveTo(pgDir, runAs.owner);
  const fresh = `${pgDir}.new`;
  fs.rmSync(fresh, { recursive: true, force: true });
  fs.mkdirSync(fresh, { mode: 0o700 });
  if (runAs.owner !== undefined) fs.chownSync(fresh, runAs.owner, runAs.owner);
  const args = [
    '-D',
    fresh,
    '-U',
    'fleetfix',
    '-A',
    'trust',
    '-E',
    'UTF8',
    '--locale=C',
    '--no-instructions',
  ];
  if (place.settings.fsync === 'off') args.push('--no-sync');
  const output = await runOnce(place, 'initdb', args);
  if (output !== undefined) {
    fs.rmSync(fresh, { recursive: true, force: true });
    throw explain({ what: 'PostgreSQL could not make its database files', output, ...place });
  }
  fs.renameSync(fresh, pgDir);
}

/** The files change hands when root starts the hub another way than last time. */
function giveTo(pgDir: string, owner: number | undefined) {
  if (owner === undefined || fs.statSync(pgDir).uid === owner) return;
  for (const entry of fs.readdirSync(pgDir, { recursive: true, encoding: 'utf8' }))
    fs.lchownSync(path.join(pgDir, entry), owner, owner);
  fs.chownSync(pgDir, owner, owner);
}

/** Undefined when it went well, else what it said. Not adapters/process: it must drop its user id. */
function runOnce(place: Place, program: string, args: readonly string[]): Promise<string | undefined> {
  const [file, rest] = commandOf(place, program, args);
  return new Promise((resolve) => {
    const options = { env: ENVIRONMENT, cwd: '/', timeout: INITDB_WITHIN_MS, ...place.runAs.ids };
    execFile(file, rest, options, (problem, stdout, stderr) =>
      resolve(problem ? `${problem.message}\n${stdout}\n${stderr}` : undefined),
    );
  });
}

/** Keeps a server running until told to stop. A restart under way when told is waited for and ended. */
async function supervise(place: Place, log: (text: string) => void, lock: { release(): void }) {
  let current = await adopt(place);
  const adopted = current !== undefined;
  current ??= await start(place);
  let running: Running = current;
  log(
    `PostgreSQL ${adopted ? 'was running already' : 'started'}: process ${running.pid}, socket ${running.socketDir}`,
  );

  const stopping = new AbortController();
  const stopAsked = new Promise<void>((resolve) =>
    stopping.signal.addEventListener('abort', () => resolve(), { once: true }),
  );
  const watch = async () => {
    for (;;) {
      // The end of an adopted server is looked for now and then, by a timer that keeps no process alive.
      await Promise.race([running.gone, stopAsked]);
      if (stopping.signal.aborted) return;
      log(`PostgreSQL (process ${running.pid}) ended by itself and is started again; see ${place.logFile}`);
      running = (await startAgain(place, log, stopping.signal)) ?? running;
      if (!stopping.signal.aborted) log(`PostgreSQL started again: process ${running.pid}`);
    }
  };
  const watching = watch();

  let stopped: Promise<void> | undefined;
  const stopOnce = async () => {
    stopping.abort();
    await running.end();
    await watching;
    await running.end();
    lock.release();
  };
  return {
    connection: { host: running.socketDir, port: SOCKET_PORT, user: 'fleetfix', database: 'postgres' },
    adopted,
    pid: () => running.pid,
    stop: () => {
      stopped ??= stopOnce();
      return stopped;
    },
  };
}

/** Undefined when it was told to stop before a server would start. */
async function startAgain(place: Place, log: (text: string) => void, signal: AbortSignal) {
  for (let waitMs = 100; ; waitMs = Math.min(2 * waitMs, 10_000)) {
    try {
      return (await adopt(place)) ?? (await start(place));
    } catch (problem) {
      log(`PostgreSQL does not start: ${(problem as Error).message}`);
    }
    // Its rejection is how the wait is called off.
    await pause(waitMs, undefined, { signal, ref: false }).catch(() => {});
    if (signal.aborted) return undefined;
  }
}
