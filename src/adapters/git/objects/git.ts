import { SourceProblem } from '../../../ports/repository.ts';
import { type Ran, run } from '../../process/run.ts';

/** The git program on one git directory, always with the same closed environment. */
export type Git = {
  /** The git directory every command works on. */
  readonly dir: string;
  /** The closed environment every command gets. */
  readonly env: Readonly<Record<string, string>>;
  /** Runs and resolves whatever the exit code; throws only when git did not end by itself. */
  run(args: readonly string[], more?: GitMore): Promise<Ran>;
  /** The output of a command that must succeed. Throws `SourceProblem` on a missing object, else `GitFailure`. */
  read(args: readonly string[], more?: GitMore): Promise<Buffer>;
  /** The same git with more variables, e.g. another object directory. */
  with(env: Readonly<Record<string, string>>): Git;
};

export type GitMore = {
  readonly input?: string | Buffer;
  readonly env?: Readonly<Record<string, string>>;
  readonly timeoutMs?: number;
  readonly keepBytesMax?: number;
};

/** git ended with an error that no caller expected. */
export class GitFailure extends Error {
  override name = 'GitFailure';
}

const COMMAND_MS = 120_000;
const KEPT_BYTES = 256 * 1024 * 1024;

// Passed on so that ssh keys, proxies and certificates work; everything else of ours stays out.
const PASSED_ON = [
  'PATH',
  'HOME',
  'TMPDIR',
  'SSH_AUTH_SOCK',
  'SSL_CERT_FILE',
  'SSL_CERT_DIR',
  'GIT_SSL_CAINFO',
  'http_proxy',
  'https_proxy',
  'no_proxy',
  'all_proxy',
  'HTTPS_PROXY',
  'NO_PROXY',
  'ALL_PROXY',
];

// Results must not depend on what a person has configured on this machine.
const SETTINGS: readonly (readonly [string, string])[] = [
  ['core.hooksPath', '/dev/null'],
  ['core.attributesFile', '/dev/null'],
  ['core.fsmonitor', 'false'],
  ['core.filesRefLockTimeout', '10000'],
  ['core.packedRefsTimeout', '10000'],
  ['gc.auto', '0'],
  ['maintenance.auto', 'false'],
  ['http.lowSpeedLimit', '1000'],
  ['http.lowSpeedTime', '30'],
];

/** A closed environment: no prompts, no hooks, no configuration but the one given here. */
export function gitEnv(settings: readonly (readonly [string, string])[] = []): Record<string, string> {
  const env: Record<string, string> = {
    LC_ALL: 'C',
    GIT_CONFIG_NOSYSTEM: '1',
    GIT_CONFIG_GLOBAL: '/dev/null',
    GIT_ATTR_NOSYSTEM: '1',
    GIT_TERMINAL_PROMPT: '0',
    GIT_ASKPASS: '/bin/false',
    SSH_ASKPASS: '/bin/false',
    GIT_SSH_COMMAND: 'ssh -oBatchMode=yes -oConnectTimeout=15',
    GIT_NO_REPLACE_OBJECTS: '1',
    GIT_NO_LAZY_FETCH: '1',
    GIT_LITERAL_PATHSPECS: '1',
    GIT_OPTIONAL_LOCKS: '0',
    GIT_ALLOW_PROTOCOL: 'http:https:ssh',
    GIT_PROTOCOL_FROM_USER: '0',
  };
  for (const name of PASSED_ON) {
    const value = process.env[name];
    if (value !== undefined) env[name] = value;
  }
  const all = [...SETTINGS, ...settings];
  all.forEach(([key, value], i) => {
    env[`GIT_CONFIG_KEY_${i}`] = key;
    env[`GIT_CONFIG_VALUE_${i}`] = value;
  });
  env.GIT_CONFIG_COUNT = String(all.length);
  return env;
}

/** git on the git directory `dir` (its own repository, a bare copy, or a source that is only read). */
export function gitAt(dir: string, env: Readonly<Record<string, string>> = gitEnv()): Git {
  const whole = { ...env, GIT_DIR: dir };
  const runGit = async (args: readonly string[], more: GitMore = {}) => {
    const ran = await run({
      file: 'git',
      args,
      cwd: dir,
      env: { ...whole, ...more.env },
      timeoutMs: more.timeoutMs ?? COMMAND_MS,
      keepBytesMax: more.keepBytesMax ?? KEPT_BYTES,
      ...(more.input === undefined ? {} : { input: more.input }),
    });
    if (ran.ended === 'exited') return ran;
    const why = ran.ended === 'not started' ? ran.stderr : `${ran.ended} after ${ran.tookMs} ms`;
    throw new GitFailure(`git ${args[0]} on ${dir}: ${why}. Is git 2.38 or newer installed?`);
  };
  return {
    dir,
    env: whole,
    run: runGit,
    with: (more) => gitAt(dir, { ...whole, ...more }),
    async read(args, more) {
      const ran = await runGit(args, more);
      if (ran.code === 0 && !ran.truncated) return ran.stdout;
      throw failureOf(args, dir, ran);
    },
  };
}

/** What a failed command means: a missing object is the source's trouble, anything else is ours. */
export function failureOf(args: readonly string[], dir: string, ran: Ran): Error {
  const missing = missingObject(ran.stderr);
  if (missing !== undefined) return new MissingObject(missing);
  const said = ran.truncated ? 'more output than is kept' : firstLine(ran.stderr);
  return new GitFailure(`git ${args[0]} on ${dir} ended with ${ran.code}: ${said}`);
}

const MISSING =
  /(?:unable to read|bad (?:tree )?object|missing|could not (?:read|parse)|unable to find|not a valid object|cannot (?:read|merge)|unable to unpack|(?:loose|packed) object|corrupt|could not get object info)[^\n]*?\b([0-9a-f]{40}(?:[0-9a-f]{24})?)\b/i;

/** The id that a message of git says is not there. */
export function missingObject(stderr: string): string | undefined {
  return MISSING.exec(stderr)?.[1];
}

/** An object that is named but not there: a partial or shallow clone, or damage. */
export class MissingObject extends SourceProblem {
  readonly id: string;
  constructor(id: string) {
    super(
      `object ${id} is missing or damaged in the repository: a whole clone is needed (a partial or shallow one lacks objects). ` +
        `Next: in the source run "git fetch --refetch" without --filter (or --unshallow), or name a complete clone.`,
    );
    this.id = id;
  }
}

/** The first line that says something, without `fatal: ` and control characters. */
export function firstLine(text: string): string {
  const lines = text.split('\n').filter((line) => line.trim() !== '' && !line.startsWith('hint:'));
  const line = lines.find((l) => /^(fatal|error):/.test(l)) ?? lines[0] ?? 'no message';
  return printable(line.replace(/^(fatal|error): /, '')).slice(0, 400);
}

/** Text of a stranger made safe for a terminal: control characters become `?`. */
export function printable(text: string): string {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for.
  return text.replace(/[\u0000-\u001f\u007f-\u009f]/g, '?');
}
