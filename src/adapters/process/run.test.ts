import { readFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Run, run } from './run.ts';

// Real programs, ended for real: each prints its process ids, so that a test can ask whether they still live.

const ENV = { PATH: process.env.PATH ?? '' };
const node = (script: string, more: Partial<Run> = {}) =>
  run({ file: process.execPath, args: ['-e', script], env: ENV, timeoutMs: 120_000, ...more });
const sh = (script: string, more: Partial<Run> = {}) =>
  run({ file: 'sh', args: ['-c', script], env: ENV, timeoutMs: 120_000, ...more });

let dir: string;
beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), 'run-test-'));
});
afterAll(() => rm(dir, { recursive: true }));

/** A process that has ended may stay as a zombie where nobody collects orphans; it no longer runs. */
function lives(pid: number): boolean {
  try {
    return !readFileSync(`/proc/${pid}/stat`, 'utf8').includes(') Z ');
  } catch {
    return false;
  }
}

/** Collects output and resolves once `wanted` was printed. */
function listening(wanted: RegExp) {
  let text = '';
  let tell: (found: RegExpMatchArray) => void;
  const heard = new Promise<RegExpMatchArray>((resolve) => {
    tell = resolve;
  });
  const onOutput = (chunk: string) => {
    text += chunk;
    const found = text.match(wanted);
    if (found) tell(found);
  };
  return { onOutput, heard };
}

describe('a program that ends by itself', () => {
  it('gives its exit code and both outputs apart', async () => {
    const ran = await sh('echo out; echo err >&2; exit 3');
    expect(ran).toMatchObject({ ended: 'exited', code: 3, stderr: 'err\n', truncated: false });
    expect(ran.stdout.toString()).toBe('out\n');
    expect(ran.killedBy).toBeUndefined();
  });

  it('reads its input to the end', async () => {
    const input = 'x'.repeat(1_000_000);
    const ran = await sh('wc -c', { input });
    expect(ran.stdout.toString().trim()).toBe('1000000');
  });

  it('may end without reading a large input', async () => {
    expect(await sh('exit 0', { input: 'x'.repeat(5_000_000) })).toMatchObject({ ended: 'exited', code: 0 });
  });

  it('sees only the environment it was given', async () => {
    const ran = await run({ file: '/usr/bin/env', args: [], env: { ONLY: 'this' }, timeoutMs: 120_000 });
    expect(ran.stdout.toString()).toBe('ONLY=this\n');
  });

  it('reads no argument as syntax', async () => {
    const ran = await node('process.stdout.write(process.argv[1])', {
      args: ['-e', 'process.stdout.write(process.argv[1])', '--', '$(echo no); `no` > no'],
    });
    expect(ran.stdout.toString()).toBe('$(echo no); `no` > no');
  });

  it('names the signal when somebody else killed it', async () => {
    expect(await sh('kill -9 $$')).toMatchObject({ ended: 'exited', code: null, killedBy: 'SIGKILL' });
  });

  it('takes what it left behind with it', async () => {
    const ran = await sh('sleep 600 & echo $!');
    expect(ran).toMatchObject({ ended: 'exited', code: 0 });
    expect(lives(Number(ran.stdout.toString()))).toBe(false);
  });

  it('is not waited for by a process that left the group and holds the pipe', async () => {
    const ran = await sh('setsid sleep 600 & echo $!');
    const escaped = Number(ran.stdout.toString());
    expect(ran).toMatchObject({ ended: 'exited', code: 0 });
    expect(lives(escaped)).toBe(true);
    process.kill(escaped, 'SIGKILL');
  });

  it('is in a group of its own', async () => {
    const ran = await node(
      'const s = require("node:fs").readFileSync("/proc/self/stat", "utf8").split(") ")[1].split(" "); console.log(s[2] === String(process.pid))',
    );
    expect(ran.stdout.toString()).toBe('true\n');
  });
});

describe('a program that is ended', () => {
  it('ends at its limit together with grandchildren that ignore SIGTERM', async () => {
    const { onOutput, heard } = listening(/pid (\d+)\n/);
    const script = `(trap '' TERM; sh -c 'trap "" TERM; echo pid $$; while :; do sleep 1; done') & wait`;
    const ran = await sh(script, { timeoutMs: 300, onOutput });
    expect(ran).toMatchObject({ ended: 'timed out', code: null });
    expect(lives(Number((await heard)[1]))).toBe(false);
  });

  it('ends even when it ignores SIGTERM itself', async () => {
    const { onOutput, heard } = listening(/pid (\d+)\n/);
    const script =
      'process.on("SIGTERM", () => {}); console.log("pid " + process.pid); setInterval(() => {}, 1000)';
    const stop = new AbortController();
    const running = node(script, { signal: stop.signal, onOutput });
    const pid = Number((await heard)[1]);
    stop.abort();
    expect(await running).toMatchObject({ ended: 'stopped', code: null });
    expect(lives(pid)).toBe(false);
  });

  it('ends when it is told to stop, and keeps what it had printed', async () => {
    const { onOutput, heard } = listening(/begun\n/);
    const stop = new AbortController();
    const running = sh('echo begun; exec sleep 600', { signal: stop.signal, onOutput });
    await heard;
    stop.abort();
    const ran = await running;
    expect(ran.ended).toBe('stopped');
    expect(ran.stdout.toString()).toBe('begun\n');
  });

  it('is not begun at all when it was stopped before', async () => {
    const ran = await sh(`touch ${join(dir, 'begun')}`, { signal: AbortSignal.abort() });
    expect(ran.ended).toBe('stopped');
    expect(() => readFileSync(join(dir, 'begun'))).toThrow(/ENOENT/);
  });

  it('keeps a limit longer than a timer of Node can be', async () => {
    expect(await sh('sleep 0.1', { timeoutMs: 2 ** 40 })).toMatchObject({ ended: 'exited', code: 0 });
  });
});

describe('a program that cannot be started', () => {
  it('is not found', async () => {
    const ran = await run({ file: 'no-such-program', args: [], env: ENV, timeoutMs: 120_000 });
    expect(ran).toMatchObject({ ended: 'not started', code: null });
    expect(ran.stderr).toContain('ENOENT');
  });

  it('may not be run', async () => {
    expect(await run({ file: dir, args: [], env: ENV, timeoutMs: 120_000 })).toMatchObject({
      ended: 'not started',
    });
  });

  it('has an argument no program can be given', async () => {
    expect(await sh('true', { args: ['-c', 'a\0b'] })).toMatchObject({ ended: 'not started' });
  });

  it('has more arguments than the system takes', async () => {
    const args = Array.from({ length: 100 }, () => 'x'.repeat(100_000));
    expect(await run({ file: 'true', args, env: ENV, timeoutMs: 120_000 })).toMatchObject({
      ended: 'not started',
    });
  });
});

describe('output', () => {
  it('beyond the limit is dropped from the result, and still passed on', async () => {
    let passed = 0;
    const ran = await node('process.stdout.write("x".repeat(3_000_000))', {
      keepBytesMax: 1_000,
      onOutput: (chunk) => {
        passed += chunk.length;
      },
    });
    expect(ran.stdout).toHaveLength(1_000);
    expect(ran.truncated).toBe(true);
    expect(passed).toBe(3_000_000);
  });

  it('is whole when the program ends right after writing much', async () => {
    const ran = await sh('head -c 8000000 /dev/zero');
    expect(ran.stdout).toHaveLength(8_000_000);
    expect(ran.truncated).toBe(false);
  });

  it('is passed on in whole characters', async () => {
    const chunks: string[] = [];
    await node('process.stdout.write("a" + "☂ü".repeat(60_001))', { onOutput: (c) => chunks.push(c) });
    expect(chunks.length).toBeGreaterThan(1);
    expect(chunks.join('')).toBe(`a${'☂ü'.repeat(60_001)}`);
  });
});
