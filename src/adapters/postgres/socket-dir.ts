import { createHash } from 'node:crypto';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { EmbeddedProblem } from './binaries.ts';

/** Only a part of the socket's name; nothing listens on a network port. */
export const SOCKET_PORT = 5432;

const SOCKET = `.s.PGSQL.${SOCKET_PORT}`;
/** What the kernel takes in a socket's address, without the closing zero. */
const PATH_BYTES_MAX = process.platform === 'darwin' ? 103 : 107;

/**
 * The folder of the socket, made and closed to others: `run` in the data directory, or a short one
 * among the machine's runtime or temporary files when that path is too long for a socket.
 * `owner` is the user the server runs as when that is not us.
 */
export function chooseSocketDir(dataDir: string, owner: number | undefined): string {
  const inside = path.join(dataDir, 'run');
  if (fits(inside)) return close(inside, owner);
  const name = `fleetfix-${createHash('sha256').update(dataDir).digest('hex').slice(0, 12)}`;
  const runtime = owner === undefined ? process.env.XDG_RUNTIME_DIR : undefined;
  const short = [runtime, os.tmpdir(), '/tmp']
    .flatMap((base) => (base ? [path.join(base, name)] : []))
    .find(fits);
  if (short === undefined) {
    throw new EmbeddedProblem(
      `The path of the data directory is too long for a unix socket (${inside}/${SOCKET}, at most ${PATH_BYTES_MAX} bytes). ` +
        'Choose a shorter one, or set TMPDIR to a short path.',
    );
  }
  return close(short, owner);
}

const fits = (dir: string): boolean => Buffer.byteLength(path.join(dir, SOCKET)) <= PATH_BYTES_MAX;

/** Who may enter the folder may use the database, so nobody else may have made it. */
function close(dir: string, owner: number | undefined): string {
  fs.mkdirSync(dir, { recursive: true, mode: 0o700 });
  const stat = fs.lstatSync(dir);
  const ours = [process.getuid?.(), owner].includes(stat.uid);
  if (!stat.isDirectory() || !ours) {
    throw new EmbeddedProblem(`${dir} is for the database's socket but belongs to another user. Remove it.`);
  }
  fs.chmodSync(dir, 0o700);
  if (owner !== undefined) fs.lchownSync(dir, owner, owner);
  return dir;
}

/** Removes what a killed server left. Only when no server runs: PostgreSQL may take a used-again process id for one. */
export function clearSocket(dir: string) {
  for (const name of [SOCKET, `${SOCKET}.lock`]) fs.rmSync(path.join(dir, name), { force: true });
}
