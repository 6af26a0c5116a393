import { spawn } from 'node:child_process';
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
  /** Everything the program prints on both outputs, as it prints it. */
  readonly onOutput?: (chunk: string) => void;
  /** Output kept in the result beyond this many bytes is dropped (`onOutput` still sees it). Default 16 MiB. */
  readonly keepBytesMax?: number;
};

/** One shape for every end: `ended` says which it was. `code` is null unless the program exited by itself. */
export type Ran = {
  readonly ended: 'exited' | 'timed out' | 'stopped' | 'not started';
  readonly code: number | null;
  readonly stdout: Buffer;
  readonly stderr: string;
  readonly truncated: boolean;
  readonly tookMs: Ms;
};

const GRACE_MS = 2_000;

/**
 * Runs a program in a process group of its own and resolves when it has ended; it never rejects.
 * On time-out or `signal` the whole group gets SIGTERM, and SIGKILL two seconds later, so that
 * children a build left behind end too.
 */
export function run(work: Run): Promise<Ran> {
  const began = performance.now();
  return new Promise((resolve) => {
    const child = spawn(work.file, work.args, {
      cwd: work.cwd,
      env: work.env ?? process.env,
      stdio: ['pipe', 'pipe', 'pipe'],
      detached: true,
    });
    const stdout = keeper(work.keepBytesMax ?? 16 * 1024 * 1024);
    const stderr = keeper(1024 * 1024);
    let ended: Ran['ended'] = 'exited';
    let forced: NodeJS.Timeout | undefined;

    const end = (why: Ran['ended']) => {
      if (ended !== 'exited') return;
      ended = why;
      signalGroup(child.pid, 'SIGTERM');
      forced = setTimeout(() => signalGroup(child.pid, 'SIGKILL'), GRACE_MS);
    };
    const timeout = setTimeout(() => end('timed out'), work.timeoutMs);
    const stop = () => end('stopped');
    if (work.signal?.aborted) stop();
    work.signal?.addEventListener('abort', stop, { once: true });

    const finish = (code: number | null, problem = '') => {
      clearTimeout(timeout);
      clearTimeout(forced);
      // What the program started and left behind must not outlive it.
      signalGroup(child.pid, 'SIGKILL');
      work.signal?.removeEventListener('abort', stop);
      resolve({
        ended,
        code: ended === 'exited' ? code : null,
        stdout: stdout.bytes(),
        stderr: problem || stderr.bytes().toString('utf8'),
        truncated: stdout.truncated() || stderr.truncated(),
        tookMs: Math.round(performance.now() - began),
      });
    };

    child.stdout.on('data', (chunk: Buffer) => {
      stdout.add(chunk);
      work.onOutput?.(chunk.toString('utf8'));
    });
    child.stderr.on('data', (chunk: Buffer) => {
      stderr.add(chunk);
      work.onOutput?.(chunk.toString('utf8'));
    });
    child.on('error', (problem) => {
      ended = 'not started';
      finish(null, problem.message);
    });
    // `exit`, then a moment for the pipes: a grandchild that holds them open must not hold us.
    child.on('exit', (code) => {
      const drained = setTimeout(() => finish(code), 500);
      child.on('close', () => {
        clearTimeout(drained);
        finish(code);
      });
    });
    // A program that ends without reading its input breaks the pipe; its exit code tells the story.
    child.stdin.on('error', () => {});
    child.stdin.end(work.input);
  });
}

function signalGroup(pid: number | undefined, signal: NodeJS.Signals) {
  if (pid === undefined) return;
  try {
    process.kill(-pid, signal);
  } catch {
    // The group is gone already.
  }
}

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
