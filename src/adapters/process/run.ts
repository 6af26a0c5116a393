import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process';
import { StringDecoder } from 'node:string_decoder';
import type { Ms } from '../../core/base/instant.ts';

/** A program to run: never through a shell, so no text of a person is ever read as syntax. */
export type Run = {
  readonly file: string;
  readonly args: readonly string[];
  readonly cwd?: string;
  /** The whole environment of the program, not an addition to ours. */
  readonly env?: Readonly<Record<string, string>>;
  readonly input?: string | Buffer;
  readonly timeoutMs: Ms;
  readonly signal?: AbortSignal;
  /** Everything the program prints on both outputs, as it prints it, in whole characters. */
  readonly onOutput?: (chunk: string) => void;
  /** Output kept in the result beyond this many bytes is dropped (`onOutput` still sees it). Default 16 MiB. */
  readonly keepBytesMax?: number;
};

/** One shape for every end: `ended` says which it was. `code` is null unless the program exited by itself. */
export type Ran = {
  readonly ended: 'exited' | 'timed out' | 'stopped' | 'not started';
  readonly code: number | null;
  /** The signal that ended a program nobody here stopped, such as SIGKILL when memory ran out. */
  readonly killedBy?: string;
  readonly stdout: Buffer;
  /** What it printed on its error output; why it did not start, when it did not. */
  readonly stderr: string;
  readonly truncated: boolean;
  readonly tookMs: Ms;
};

const GRACE_MS = 2_000;
/** How long what a program left behind may go on after it, and how long a silent pipe is waited for. */
const LINGER_MS = 500;
const DRAIN_MS_MAX = 10_000;
/** Node fires a longer timer at once, which would turn a long limit into none. */
const TIMER_MS_MAX = 2 ** 31 - 1;
const KEEP_BYTES_MAX = 16 * 1024 * 1024;
const KEEP_STDERR_BYTES_MAX = 1024 * 1024;

/**
 * Runs a program in a process group of its own and resolves when it has ended; it never rejects.
 * On time-out or `signal` the whole group gets SIGTERM, and SIGKILL two seconds later, so that
 * children a build left behind end too. What leaves the group on purpose is not waited for.
 */
export function run(work: Run): Promise<Ran> {
  const began = performance.now();
  const stdout = keeper(work.keepBytesMax ?? KEEP_BYTES_MAX);
  const stderr = keeper(KEEP_STDERR_BYTES_MAX);
  const result = (
    ended: Ran['ended'],
    code: number | null,
    more: { killedBy?: string; problem?: string },
  ): Ran => ({
    ended,
    code: ended === 'exited' ? code : null,
    ...(ended === 'exited' && more.killedBy !== undefined ? { killedBy: more.killedBy } : {}),
    stdout: stdout.bytes(),
    stderr: more.problem ?? stderr.bytes().toString('utf8'),
    truncated: stdout.truncated() || stderr.truncated(),
    tookMs: Math.round(performance.now() - began),
  });
  if (work.signal?.aborted) return Promise.resolve(result('stopped', null, {}));
  const started = start(work);
  if (started instanceof Error) {
    return Promise.resolve(result('not started', null, { problem: started.message }));
  }
  const child = started;

  return new Promise((resolve) => {
    let ended: Ran['ended'] = 'exited';
    let forced: NodeJS.Timeout | undefined;
    const end = (why: Ran['ended']) => {
      if (ended !== 'exited') return;
      ended = why;
      signalGroup(child.pid, 'SIGTERM');
      forced = setTimeout(() => signalGroup(child.pid, 'SIGKILL'), GRACE_MS);
    };
    const timeout = setTimeout(() => end('timed out'), Math.min(work.timeoutMs, TIMER_MS_MAX));
    const stop = () => end('stopped');
    work.signal?.addEventListener('abort', stop, { once: true });
    const finish = (code: number | null, more: { killedBy?: string; problem?: string }) => {
      clearTimeout(timeout);
      clearTimeout(forced);
      work.signal?.removeEventListener('abort', stop);
      resolve(result(ended, code, more));
    };

    const readOutput = collect(child, { stdout, stderr, onOutput: work.onOutput });
    child.on('error', (problem) => {
      if (child.pid !== undefined) return;
      ended = 'not started';
      finish(null, { problem: problem.message });
    });
    child.on('exit', (code, killedBy) => {
      // A limit that passes while the last output is read does not turn a finished program into one that was ended.
      clearTimeout(timeout);
      work.signal?.removeEventListener('abort', stop);
      drain(child, readOutput, () => finish(code, killedBy === null ? {} : { killedBy }));
    });
    // A program that ends without reading its input breaks the pipe; its exit code tells the story.
    child.stdin.on('error', () => {});
    child.stdin.end(work.input);
  });
}

/** The child, or why there is none: some faults (a zero byte in an argument) are thrown, not reported later. */
function start(work: Run): ChildProcessWithoutNullStreams | Error {
  try {
    return spawn(work.file, work.args, {
      cwd: work.cwd,
      env: work.env ?? process.env,
      stdio: ['pipe', 'pipe', 'pipe'],
      detached: true,
    });
  } catch (problem) {
    return problem instanceof Error ? problem : new Error(String(problem));
  }
}

/** Keeps and passes on what the child prints; returns how many chunks have been read so far. */
function collect(
  child: ChildProcessWithoutNullStreams,
  to: { stdout: Keeper; stderr: Keeper; onOutput: Run['onOutput'] },
): () => number {
  let chunks = 0;
  for (const name of ['stdout', 'stderr'] as const) {
    const characters = new StringDecoder('utf8');
    child[name].on('data', (chunk: Buffer) => {
      chunks += 1;
      to[name].add(chunk);
      const text = characters.write(chunk);
      if (text !== '') to.onOutput?.(text);
    });
    child[name].on('end', () => {
      const rest = characters.end();
      if (rest !== '') to.onOutput?.(rest);
    });
  }
  return () => chunks;
}

/**
 * After the program's exit: lets what it left behind finish for a moment, ends it, and reads what is
 * still in the pipes. Calls `done` once both are closed, or when nothing more comes because a process
 * that left the group holds them open.
 */
function drain(child: ChildProcessWithoutNullStreams, chunksRead: () => number, done: () => void) {
  const deadline = performance.now() + DRAIN_MS_MAX;
  // Not a count yet: after the first kill the pipes get time to close by themselves.
  let seen = -1;
  let over = false;
  let timer = setTimeout(look, LINGER_MS);
  child.once('close', leave);

  function look() {
    signalGroup(child.pid, 'SIGKILL');
    // After its timers the loop reads the pipes: a loop that was busy is not taken for a silent pipe.
    setImmediate(() => {
      if (over) return;
      if (chunksRead() === seen || performance.now() > deadline) return leave();
      seen = chunksRead();
      timer = setTimeout(look, LINGER_MS);
    });
  }
  function leave() {
    if (over) return;
    over = true;
    clearTimeout(timer);
    signalGroup(child.pid, 'SIGKILL');
    child.stdout.destroy();
    child.stderr.destroy();
    done();
  }
}

function signalGroup(pid: number | undefined, signal: NodeJS.Signals) {
  if (pid === undefined) return;
  try {
    process.kill(-pid, signal);
  } catch {
    // The group is gone already.
  }
}

type Keeper = ReturnType<typeof keeper>;

function keeper(limit: number) {
  const chunks: Buffer[] = [];
  let size = 0;
  let truncated = false;
  return {
    add(chunk: Buffer) {
      const room = limit - size;
      if (chunk.length > room) truncated = true;
      if (room <= 0) return;
      const kept = chunk.subarray(0, room);
      chunks.push(kept);
      size += kept.length;
    },
    bytes: () => Buffer.concat(chunks),
    truncated: () => truncated,
  };
}
