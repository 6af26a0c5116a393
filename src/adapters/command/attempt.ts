import { stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { withoutEscapes } from '../../core/base/escapes.ts';
import { durationText, type Ms } from '../../core/base/instant.ts';
import { type Ran, run } from '../process/run.ts';
import { inTempFolder } from '../process/temp-folder.ts';

/** A configured command to run in a tree, for a builder or a gate. */
export type Attempt = {
  readonly dir: string;
  readonly command: readonly string[];
  readonly timeoutMs: Ms;
  readonly env: Readonly<Record<string, string>>;
  /** Each variable names a file, outside of the tree, that holds its text. */
  readonly files?: Readonly<Record<string, string>>;
  readonly log: (chunk: string) => void;
  readonly signal: AbortSignal;
  readonly kind: 'builder' | 'gate';
};

/**
 * `because`: one line that says how it ended; absent when it ended with exit code 0. `ended`: by itself, with an exit code of
 * its own.
 */
export type Attempted = { readonly because?: string; readonly ended?: true };

const KEEP_BYTES_MAX = 64 * 1024;
const LINE_MAX = 200;

/**
 * Runs the command without a shell, in a small environment of its own: PATH as ours, HOME and TMPDIR in a
 * folder that is removed afterwards, and what `env` adds. Nothing else of the hub's environment is passed,
 * since it may hold secrets. Never throws for what a command or a disk can do.
 */
export async function attempt(work: Attempt): Promise<Attempted> {
  const [file, ...args] = work.command;
  if (file === undefined) return { because: `${setting(work, 'command')} is empty: name a program` };
  const missing = await missingTree(work.dir);
  if (missing !== undefined) return { because: missing };
  const last = lastLine();
  const onOutput = (chunk: string) => {
    last.add(chunk);
    work.log(chunk);
  };
  let ran: Ran;
  try {
    ran = await inTempFolder({ prefix: work.kind, log: work.log }, async (temp) =>
      run({
        file,
        args,
        cwd: work.dir,
        env: environment({ temp, added: { ...work.env, ...(await written(temp, work.files)) } }),
        timeoutMs: work.timeoutMs,
        signal: work.signal,
        onOutput,
        keepBytesMax: KEEP_BYTES_MAX,
      }),
    );
  } catch (problem) {
    return { because: `no temporary folder for the command: ${reasonOf(problem)}` };
  }
  return ending(ran, { ...work, file, last: last.text() });
}

async function written(temp: string, files: Attempt['files'] = {}): Promise<Record<string, string>> {
  const env: Record<string, string> = {};
  for (const [name, text] of Object.entries(files)) {
    env[name] = join(temp, name);
    await writeFile(env[name], text);
  }
  return env;
}

/** What people call the setting that led here. */
const setting = (of: Pick<Attempt, 'kind'>, key: 'command' | 'timeout'): string =>
  of.kind === 'builder' ? `builder.${key}` : `the gate's ${key}`;

function environment(from: {
  temp: string;
  added: Readonly<Record<string, string>>;
}): Record<string, string> {
  return {
    PATH: process.env.PATH ?? '/usr/local/bin:/usr/bin:/bin',
    HOME: from.temp,
    TMPDIR: from.temp,
    // One language everywhere, so that sorting and messages do not depend on the machine.
    LANG: 'C.UTF-8',
    ...from.added,
  };
}

function ending(ran: Ran, of: Attempt & { readonly file: string; readonly last: string }): Attempted {
  const said = of.last === '' ? '' : `: ${of.last}`;
  switch (ran.ended) {
    case 'not started':
      return { because: notStarted(ran.stderr, of) };
    case 'stopped':
      return { because: 'stopped before it ended' };
    case 'timed out': {
      const limit = durationText(of.timeoutMs);
      return {
        because: `timed out after ${durationText(ran.tookMs)} (limit ${limit}; raise ${setting(of, 'timeout')} if it needs longer)${said}`,
      };
    }
    case 'exited':
      if (ran.killedBy !== undefined) return { because: `"${of.file}" was killed by ${ran.killedBy}${said}` };
      if (ran.code === 0) return { ended: true };
      return {
        because: `"${of.file}" ended with exit code ${ran.code}${said}`,
        ...(isOwn(ran.code) && { ended: true }),
      };
  }
}

/** A shell has 126 and 127 for a program that it could not run, and 128 and more for one that a signal ended. */
const isOwn = (code: number | null): boolean =>
  code !== null && code !== 126 && code !== 127 && !(code > 128 && code <= 128 + SIGNALS_MAX);

const SIGNALS_MAX = 31;

function notStarted(problem: string, of: Pick<Attempt, 'kind'> & { readonly file: string }): string {
  const where = `${setting(of, 'command')} names "${of.file}"`;
  if (problem.includes('ENOENT')) {
    return `could not start: ${where}, which is neither on the PATH nor, as ./name, in the repository`;
  }
  if (problem.includes('EACCES')) return `could not start: ${where}, which may not be executed`;
  return `could not start: ${where}: ${oneLine(problem)}`;
}

async function missingTree(dir: string): Promise<string | undefined> {
  const found = await stat(dir).catch(() => undefined);
  return found?.isDirectory() ? undefined : 'the tree of the candidate is gone; try again';
}

/** Remembers the last line with something on it, however much is printed. */
function lastLine() {
  let before = '';
  let open = '';
  return {
    add(chunk: string) {
      const lines = (open + chunk).split(/\r?\n|\r/);
      open = (lines.pop() ?? '').slice(-4 * LINE_MAX);
      const full = lines.findLast((line) => oneLine(line) !== '');
      if (full !== undefined) before = full.slice(0, 4 * LINE_MAX);
    },
    text: () => oneLine(open) || oneLine(before),
  };
}

/** Text of a program as one short line without colours, cursor moves or other characters that cannot be seen. */
export function oneLine(text: string): string {
  const plain = withoutEscapes(text)
    .replaceAll(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]+/gu, ' ')
    .trim();
  return plain.length > LINE_MAX ? `${plain.slice(0, LINE_MAX - 1)}…` : plain;
}

/** The message of what was thrown, as one line. */
export const reasonOf = (problem: unknown): string =>
  oneLine(problem instanceof Error ? problem.message : String(problem));

/** A path below the tree of the candidate as seen by the command. */
export const inTree = (dir: string, path: string): string => join(dir, path);
