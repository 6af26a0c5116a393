import { existsSync, readFileSync, realpathSync, statSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { SourceProblem } from '../../ports/repository.ts';
import { type Ran, run } from '../process/run.ts';

/** git on one repository, which is only read. */
export type Git = {
  readonly dir: string;
  readonly env: Readonly<Record<string, string>>;
  run(args: readonly string[], input?: string): Promise<Ran>;
  /** The output of a command that must succeed; throws a `SourceProblem` with what git said. */
  read(args: readonly string[]): Promise<Buffer>;
};

const COMMAND_MS = 120_000;
const KEPT_BYTES = 512 * 1024 * 1024;

/** git on the repository in a folder. Throws a `SourceProblem` when there is none. */
export function gitIn(location: string): Git {
  const dir = gitDirOf(location);
  // Results must not depend on what a person has configured, and reading must not fetch.
  const env: Record<string, string> = {
    PATH: process.env.PATH ?? '',
    HOME: process.env.HOME ?? '',
    LC_ALL: 'C',
    GIT_DIR: dir,
    GIT_CONFIG_NOSYSTEM: '1',
    GIT_CONFIG_GLOBAL: '/dev/null',
    GIT_ATTR_NOSYSTEM: '1',
    GIT_TERMINAL_PROMPT: '0',
    GIT_NO_REPLACE_OBJECTS: '1',
    GIT_NO_LAZY_FETCH: '1',
    GIT_LITERAL_PATHSPECS: '1',
    GIT_OPTIONAL_LOCKS: '0',
    GIT_ALLOW_PROTOCOL: 'none',
  };
  const runGit: Git['run'] = async (args, input) => {
    const ran = await run({
      file: 'git',
      args,
      cwd: dir,
      env,
      timeoutMs: COMMAND_MS,
      keepBytesMax: KEPT_BYTES,
      ...(input === undefined ? {} : { input }),
    });
    if (ran.ended === 'exited') return ran;
    const why = ran.ended === 'not started' ? ran.stderr : `${ran.ended} after ${ran.tookMs} ms`;
    throw new Error(`git ${args[0]}: ${why}. Is git 2.38 or newer installed?`);
  };
  return {
    dir,
    env,
    run: runGit,
    async read(args) {
      const ran = await runGit(args);
      if (ran.code === 0 && !ran.truncated) return ran.stdout;
      throw new SourceProblem(`git ${args[0]}: ${firstLine(ran.stderr)}`);
    },
  };
}

export const firstLine = (text: string): string =>
  (text.split('\n')[0] ?? '')
    .replace(/^(?:fatal|error): /, '')
    .replace(/\p{Cc}/gu, '?')
    .slice(0, 300);

/** By hand, since git's own search climbs to folders above and refuses other people's. */
function gitDirOf(location: string): string {
  const path = resolve(location);
  if (!statSync(path, { throwIfNoEntry: false })?.isDirectory())
    throw new SourceProblem(`--repo ${location}: it is no folder; expected one with a git repository`);
  const dotGit = join(path, '.git');
  const linked = statSync(dotGit, { throwIfNoEntry: false })?.isFile()
    ? resolve(
        path,
        readFileSync(dotGit, 'utf8')
          .trim()
          .replace(/^gitdir: /, ''),
      )
    : undefined;
  const dir = [linked, dotGit, path].find((one) => one !== undefined && isGitDir(one));
  if (dir !== undefined) return realpathSync(dir);
  throw new SourceProblem(
    `--repo ${location}: it is not a git repository; expected the top folder of one, or a bare one`,
  );
}

function isGitDir(dir: string): boolean {
  const commondir = join(dir, 'commondir');
  const common = existsSync(commondir) ? resolve(dir, readFileSync(commondir, 'utf8').trim()) : dir;
  return existsSync(join(dir, 'HEAD')) && existsSync(join(common, 'objects'));
}
