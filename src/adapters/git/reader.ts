import { type ChildProcessByStdio, spawn } from 'node:child_process';
import type { Readable, Writable } from 'node:stream';
import type { Ms } from '../../core/base/instant.ts';
import { gitEnv } from './git.ts';

/** An object as the store holds it. */
export type Found = { readonly type: string; readonly size: number; readonly body?: Buffer };

/** Reads objects of one repository over one long-lived `git cat-file --batch-command`. */
export type Reader = {
  /** Type and size; undefined when there is no such object. `id` is a full id. */
  info(id: string): Promise<Found | undefined>;
  /** The whole object; undefined when there is none. Ask `info` first for what may be large. */
  contents(id: string): Promise<Found | undefined>;
};

type Child = ChildProcessByStdio<Writable, Readable, null>;
type Waiting = {
  readonly wantsBody: boolean;
  readonly resolve: (found: Found | undefined) => void;
  readonly reject: (problem: Error) => void;
};

const IDLE_MS: Ms = 10_000;

/**
 * A reader on the git directory `dir`. The process starts with the first question, ends ten idle
 * seconds after the last, and never keeps this process alive while nobody waits for an answer.
 */
export function createReader(dir: string): Reader {
  let line: Line | undefined;
  const ask = (command: 'info' | 'contents', id: string) => {
    line = line?.isOpen() ? line : openLine(dir);
    return line.ask(`${command} ${id}\n`, command === 'contents');
  };
  return { info: (id) => ask('info', id), contents: (id) => ask('contents', id) };
}

type Line = {
  isOpen(): boolean;
  ask(request: string, wantsBody: boolean): Promise<Found | undefined>;
};

function openLine(dir: string): Line {
  const child: Child = spawn('git', ['cat-file', '--batch-command'], {
    cwd: dir,
    env: { ...gitEnv(), GIT_DIR: dir },
    stdio: ['pipe', 'pipe', 'ignore'],
  });
  const waiting: Waiting[] = [];
  let isOpen = true;
  let idle: NodeJS.Timeout | undefined;
  let rest: Buffer = Buffer.alloc(0);

  const close = (problem: Error) => {
    isOpen = false;
    clearTimeout(idle);
    for (const one of waiting.splice(0)) one.reject(problem);
  };
  const rested = () => {
    if (waiting.length > 0) return;
    hold(child, 'unref');
    clearTimeout(idle);
    idle = setTimeout(() => {
      isOpen = false;
      child.stdin.end();
    }, IDLE_MS);
    idle.unref();
  };
  child.on('error', (problem) => close(problem));
  child.on('exit', (code) => close(new Error(`git cat-file on ${dir} ended with ${code}`)));
  child.stdin.on('error', () => {});
  child.stdout.on('data', (chunk: Buffer) => {
    rest = rest.length === 0 ? chunk : Buffer.concat([rest, chunk]);
    for (let one = waiting[0]; one; one = waiting[0]) {
      const answer = readAnswer(rest, one.wantsBody);
      if (!answer) break;
      rest = rest.subarray(answer.used);
      waiting.shift();
      one.resolve(answer.found);
    }
    rested();
  });
  return {
    isOpen: () => isOpen,
    ask: (request, wantsBody) =>
      new Promise((resolve, reject) => {
        clearTimeout(idle);
        hold(child, 'ref');
        waiting.push({ wantsBody, resolve, reject });
        child.stdin.write(request);
      }),
  };
}

/** `<id> <type> <size>`, then the body when it was asked for; or `<id> missing`. Undefined: not whole yet. */
function readAnswer(bytes: Buffer, wantsBody: boolean): { used: number; found?: Found } | undefined {
  const end = bytes.indexOf(10);
  if (end < 0) return undefined;
  const [, type, size] = bytes.toString('latin1', 0, end).split(' ');
  if (type === undefined || size === undefined) return { used: end + 1 };
  if (!wantsBody) return { used: end + 1, found: { type, size: Number(size) } };
  const used = end + 1 + Number(size) + 1;
  if (bytes.length < used) return undefined;
  const body = Buffer.from(bytes.subarray(end + 1, used - 1));
  return { used, found: { type, size: Number(size), body } };
}

function hold(child: Child, how: 'ref' | 'unref') {
  child[how]();
  for (const pipe of [child.stdin, child.stdout]) (pipe as unknown as { ref(): void; unref(): void })[how]();
}
