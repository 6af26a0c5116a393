import { type ChildProcessByStdio, spawn } from 'node:child_process';
import type { Readable, Writable } from 'node:stream';
import type { Ms } from '../../../core/base/instant.ts';

/** A program that answers requests one after the other, for as long as it is asked. */
export type Talk<Answer> = {
  /** Rejects with `TalkEnded` when the program ends over this very request; those behind it are asked again. */
  ask(request: string): Promise<Answer>;
  /** How many requests wait. */
  waiting(): number;
  /** Ends the program once its answers are read. */
  close(): void;
};

export type Program<Answer> = {
  readonly file: string;
  readonly args: readonly string[];
  readonly cwd: string;
  readonly env: Readonly<Record<string, string>>;
  /**
   * Reads one answer from the start of the bytes. Undefined: it is not whole yet; `{ needs }`: it will not be
   * before there are so many bytes.
   */
  readAnswer(
    bytes: Buffer,
    request: string,
  ): { readonly used: number; readonly answer: Answer } | { readonly needs: number } | undefined;
};

/** The program ended while it worked on a request. `stderr`: the end of what it said. */
export class TalkEnded extends Error {
  override name = 'TalkEnded';
  readonly stderr: string;
  constructor(file: string, how: string, stderr: string) {
    super(`${file} ended (${how}): ${stderr.trim() || 'no message'}`);
    this.stderr = stderr;
  }
}

type Question<Answer> = {
  readonly request: string;
  readonly resolve: (answer: Answer) => void;
  readonly reject: (problem: Error) => void;
};

const IDLE_MS: Ms = 10_000;
const STDERR_CHARS_KEPT = 4_000;

/**
 * Talks with a program. It starts with the first question, ends ten idle seconds after the last, and never
 * keeps this process alive while nobody waits for an answer.
 */
export function openTalk<Answer>(program: Program<Answer>): Talk<Answer> {
  const questions: Question<Answer>[] = [];
  let line: Line | undefined;
  const open = () => {
    line = openLine(program, questions, (lost) => {
      line = undefined;
      if (lost.length === 0) return;
      // The first was being worked on; the others have done nothing wrong.
      const [guilty, ...rest] = lost;
      guilty!.question.reject(guilty!.problem);
      for (const { question } of rest) send(question);
    });
    return line;
  };
  const send = (question: Question<Answer>) => {
    const to = line ?? open();
    questions.push(question);
    to.write(question.request);
  };
  return {
    ask: (request) => new Promise((resolve, reject) => send({ request, resolve, reject })),
    waiting: () => questions.length,
    close: () => line?.end(),
  };
}

/** Of several with the same program, the one with the fewest questions; the first of equals. */
export function leastBusy<Answer>(talks: readonly Talk<Answer>[]): Talk<Answer> {
  return talks.reduce((best, talk) => (talk.waiting() < best.waiting() ? talk : best));
}

type Line = { write(request: string): void; end(): void };
type Lost<Answer> = { readonly question: Question<Answer>; readonly problem: Error };
type Child = ChildProcessByStdio<Writable, Readable, Readable>;

function openLine<Answer>(
  program: Program<Answer>,
  questions: Question<Answer>[],
  ended: (lost: readonly Lost<Answer>[]) => void,
): Line {
  const { file, args, cwd, env } = program;
  const child: Child = spawn(file, args, { cwd, env, stdio: ['pipe', 'pipe', 'pipe'] });
  const incoming = gather();
  let idle: NodeJS.Timeout | undefined;
  let said = '';
  let isOver = false;

  const over = (how: string) => {
    if (isOver) return;
    isOver = true;
    clearTimeout(idle);
    const lost = questions.splice(0);
    ended(lost.map((question) => ({ question, problem: new TalkEnded(file, how, said) })));
  };
  const end = () => {
    if (!isOver && questions.length === 0) {
      over('it was idle');
      child.stdin.end();
    }
  };
  const rest = () => {
    if (questions.length > 0 || isOver) return;
    hold(child, 'unref');
    clearTimeout(idle);
    idle = setTimeout(end, IDLE_MS);
    idle.unref();
  };
  child.on('error', (problem) => over(problem.message));
  child.on('close', (code, signal) => over(signal ?? `exit code ${code}`));
  child.stdin.on('error', () => {});
  child.stderr.on('data', (chunk: Buffer) => {
    said = (said + chunk.toString('utf8')).slice(-STDERR_CHARS_KEPT);
  });
  child.stdout.on('data', (chunk: Buffer) => {
    incoming.add(chunk);
    for (let first = questions[0]; first && incoming.isEnough(); first = questions[0]) {
      const read = program.readAnswer(incoming.bytes(), first.request);
      if (read === undefined || 'needs' in read) {
        incoming.wait(read?.needs ?? 0);
        break;
      }
      incoming.take(read.used);
      questions.shift();
      first.resolve(read.answer);
    }
    rest();
  });
  return {
    write(request) {
      clearTimeout(idle);
      hold(child, 'ref');
      // Paths in requests are bytes kept as latin1.
      child.stdin.write(request, 'latin1');
    },
    end,
  };
}

/** Bytes that came in, joined only when enough of them are there: a large answer is copied once. */
function gather() {
  let chunks: Buffer[] = [];
  let size = 0;
  let needs = 1;
  const bytes = () => {
    if (chunks.length > 1) chunks = [Buffer.concat(chunks)];
    return chunks[0] ?? Buffer.alloc(0);
  };
  return {
    bytes,
    isEnough: () => size >= needs,
    add(chunk: Buffer) {
      chunks.push(chunk);
      size += chunk.length;
    },
    wait(forBytes: number) {
      needs = Math.max(size + 1, forBytes);
    },
    take(used: number) {
      const rest = bytes().subarray(used);
      chunks = rest.length === 0 ? [] : [rest];
      size = rest.length;
      needs = 1;
    },
  };
}

function hold(child: Child, how: 'ref' | 'unref') {
  child[how]();
  for (const pipe of [child.stdin, child.stdout, child.stderr])
    (pipe as unknown as { ref(): void; unref(): void })[how]();
}
