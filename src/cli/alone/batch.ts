import { createReadStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import { addAbortSignal, type Readable } from 'node:stream';
import { BATCH_MEMBERS, type BatchLine, batchLineSchema } from '../../wire/batch.ts';
import type { Context } from '../context.ts';
import { EXIT, type ExitCode, misuse } from '../exit.ts';
import { jsonLine } from '../output.ts';
import { cleanText } from '../render/paper.ts';
import { rangeOf, revisionsOf } from '../rev.ts';
import type { Answer, Request } from './answer.ts';
import { inOrder } from './in-order.ts';
import { type Line, readLines } from './read-lines.ts';
import { assemblyLine, countLine } from './render.ts';
import { type Answered, refused, worstOf } from './result.ts';

const LINE_BYTES_MAX = 1024 * 1024;
/** Results that wait for an earlier one, for each line that is worked on. */
const AHEAD = 8;

/**
 * Answers one request a line and prints one result a line, in order, as they are ready. A line that cannot be read is a
 * refused result and the run goes on; how many ended how is said at the end. Ctrl-C: no further line is read, what was begun is finished and printed.
 */
export async function runBatch(
  context: Context,
  batch: { readonly source: Readable; readonly answer: Answer; readonly parallel: number },
): Promise<ExitCode> {
  const { io, out } = context;
  const stopped = io.interrupted?.() ?? new AbortController().signal;
  const exits = new Set<ExitCode>();
  const counts = new Map<Answered['result']['outcome'], number>();
  stopped.addEventListener('abort', () => out.say('stopping: what was begun is finished first'));
  await inOrder({
    items: readLines(untilStopped(batch.source, stopped), LINE_BYTES_MAX),
    work: (line) => answerLine(line, batch.answer),
    emit: async ({ result, exit }) => {
      exits.add(exit);
      counts.set(result.outcome, (counts.get(result.outcome) ?? 0) + 1);
      const text = out.format === 'json' ? jsonLine(result) : `${assemblyLine(result, out.paper)}\n`;
      await written(io.stdout, text);
    },
    parallel: batch.parallel,
    ahead: batch.parallel * AHEAD,
  });
  const worst = worstOf(exits);
  const count = [...counts.values()].reduce((all, one) => all + one, 0);
  if (stopped.aborted) out.say(`stopped after ${count} results; there may be more lines`);
  out.say(countLine(counts));
  if (!stopped.aborted) return worst;
  return worst === EXIT.done ? EXIT.notYet : worst;
}

/** The lines of a batch, once it is sure that they can be read and printed. */
export async function openBatch({ io, out }: Context, file: string): Promise<Readable> {
  if (out.format === 'yaml' || out.format === 'name')
    throw misuse(`--batch prints JSON lines or a table, not ${out.format}`);
  if (file === '-') return io.stdin as Readable;
  const found = await stat(file).catch((problem: NodeJS.ErrnoException) => problem.code ?? 'unknown');
  if (typeof found === 'string') throw misuse(`--batch ${file}: cannot be read: ${found}`);
  if (found.isDirectory()) throw misuse(`--batch ${file}: is a folder; expected a file of JSON lines, or -`);
  return createReadStream(file);
}

/** The chunks of a stream, which end when the signal is given. */
async function* untilStopped(source: Readable, signal: AbortSignal): AsyncGenerator<Uint8Array> {
  try {
    yield* addAbortSignal(signal, source);
  } catch (problem) {
    if (!signal.aborted) throw problem;
  }
}

async function answerLine(line: Line, answer: Answer): Promise<Answered> {
  const read = 'problem' in line ? { id: null, onto: null, problem: line.problem } : readRequest(line.text);
  if (!('problem' in read)) return await answer(read);
  return refused({ id: read.id, onto: read.onto }, `line ${line.number}: ${read.problem}`);
}

type Unreadable = {
  readonly id: string | number | null;
  readonly onto: string | null;
  readonly problem: string;
};

function readRequest(text: string): Request | Unreadable {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (problem) {
    return { id: null, onto: null, problem: `is not JSON: ${cleanText((problem as Error).message)}` };
  }
  const parsed = batchLineSchema.safeParse(value);
  if (!parsed.success) {
    const { path, message } = parsed.error.issues[0]!;
    const where = path.length === 0 ? '' : `"${path.join('.')}" `;
    return { ...named(value), problem: `${where}${message}; expected {"id", "change": [commits], "onto"}` };
  }
  try {
    return requestOf(parsed.data);
  } catch (problem) {
    return { ...named(value), problem: (problem as Error).message };
  }
}

/** What an unreadable line says of itself, so that its result can be found. */
function named(value: unknown): Pick<Unreadable, 'id' | 'onto'> {
  const { id, onto } = (value ?? {}) as Record<string, unknown>;
  const text = (one: unknown) => (typeof one === 'string' ? one.slice(0, 1_024) : null);
  return { id: typeof id === 'number' ? id : (text(id) ?? text(onto)), onto: text(onto) };
}

function requestOf(line: BatchLine): Request {
  const unread = Object.keys(line).filter((member) => !BATCH_MEMBERS.includes(member));
  return {
    id: line.id ?? line.onto,
    onto: line.onto,
    change: Array.isArray(line.change) ? changeOfNames(line.change) : changeOfSchema(line.change),
    carry: line.carry ?? [],
    with: line.with ?? [],
    ...(line.asOf && { asOf: line.asOf }),
    warnings: unread.length > 0 ? [`not read: ${unread.slice(0, 20).join(', ')}`] : [],
  };
}

/** A change as the schema read it; an `url` that is undefined is none. */
function changeOfSchema(change: Exclude<BatchLine['change'], string[]>): Request['change'] {
  if (change.kind !== 'pull-request') return change;
  const { url, ...named } = change;
  return url === undefined ? named : { ...named, url };
}

function changeOfNames(names: readonly string[]): Request['change'] {
  const [only = ''] = names;
  if (names.length === 1 && only.includes('..')) return rangeOf(only, '"change"');
  return { kind: 'commits', commits: revisionsOf(names.join(','), '"change"') };
}

/** Resolves when the stream can take more. Rejects when nobody reads it any more. */
function written(stream: NodeJS.WritableStream, text: string): Promise<void> {
  return new Promise((resolve, reject) => {
    stream.write(text, (problem) => (problem ? reject(problem) : resolve()));
  });
}
