import { type FileHandle, mkdir, open, readFile, rename } from 'node:fs/promises';
import { dirname } from 'node:path';
import type { Journal, JournalEntry } from '../../ports/journal.ts';

/** The journal cannot be used; the message says what, where and what to do. */
export class JournalProblem extends Error {
  override name = 'JournalProblem';
}

type Line =
  | ({ readonly is: 'entry' } & JournalEntry)
  | { readonly is: 'settled'; readonly keys: readonly string[] }
  | { readonly is: 'sequence'; readonly uid: string; readonly sequence: number }
  | { readonly is: 'memory'; readonly uid: string; readonly value?: unknown };

const IS: readonly Line['is'][] = ['entry', 'settled', 'sequence', 'memory'];

/** Lines after which what is settled is left out again. */
const COMPACT_AFTER = 10_000;

type Known = {
  readonly entries: Map<string, JournalEntry>;
  readonly sequences: Map<string, number>;
  readonly memories: Map<string, unknown>;
};

/**
 * A journal in one file of JSON lines, each written whole and synced before anybody acts on it. Opening it reads the file and
 * writes it anew without what is settled. A last line that a crash cut off is dropped; any other damage throws
 * JournalProblem: an agent that has forgotten must not guess.
 */
export async function openJournal(file: string): Promise<Journal> {
  await mkdir(dirname(file), { recursive: true, mode: 0o700 });
  const known: Known = { entries: new Map(), sequences: new Map(), memories: new Map() };
  for (const line of await linesOf(file)) take(known, line);
  let handle = await rewritten(file, known);
  let written = 0;
  /** How long the file is without what a write that failed left behind. */
  let { size } = await handle.stat();
  let isTorn = false;
  // One write after the other: lines must not interleave. What comes while one is under way is written in one go after it.
  let last: Promise<void> = Promise.resolve();
  let waiting: { readonly lines: Line[]; readonly written: Promise<void> } | undefined;
  const append = (more: readonly Line[]): Promise<void> => {
    if (waiting !== undefined) {
      for (const line of more) waiting.lines.push(line);
      return waiting.written;
    }
    const lines = [...more];
    const appended = last.then(async () => {
      waiting = undefined;
      const text = textOf(lines);
      // A disk that was full took part of a line: what is written after it would be damage in the middle.
      if (isTorn) await handle.truncate(size);
      isTorn = true;
      await handle.appendFile(text);
      await handle.datasync();
      isTorn = false;
      size += Buffer.byteLength(text);
      for (const line of lines) take(known, line);
      written += lines.length;
      if (written < COMPACT_AFTER) return;
      // What there is stays in use where no shorter one can be written now.
      const shorter = await rewritten(file, known).catch(() => undefined);
      written = 0;
      if (shorter === undefined) return;
      await handle.close();
      handle = shorter;
      size = (await handle.stat()).size;
    });
    waiting = { lines, written: appended };
    last = appended.catch(() => {});
    return appended;
  };
  return {
    entry: (key) => known.entries.get(key),
    sequenceOf: (uid) => known.sequences.get(uid) ?? 0,
    write: (entry) => append([{ is: 'entry', ...entry }]),
    unsettled: () => [...known.entries.values()].filter((e) => e.state !== 'begun'),
    settle: async (keys) => {
      const mine = keys.filter((key) => known.entries.get(key)?.state !== undefined);
      if (mine.length > 0) await append([{ is: 'settled', keys: mine }]);
    },
    memory: (uid) => known.memories.get(uid),
    remember: async (values) => {
      if (values.size === 0) return;
      await append(
        [...values].map(
          ([uid, value]): Line => ({ is: 'memory', uid, ...(value !== undefined && { value }) }),
        ),
      );
    },
    close: async () => {
      await last;
      await handle.close();
      handle = undefined as unknown as FileHandle;
    },
  };
}

function take({ entries, sequences, memories }: Known, line: Line): void {
  if (line.is === 'entry') {
    const { is: _, ...entry } = line;
    entries.set(entry.key, entry);
    if (entry.state !== 'begun')
      sequences.set(entry.uid, Math.max(sequences.get(entry.uid) ?? 0, entry.sequence));
  } else if (line.is === 'settled') for (const key of line.keys) entries.delete(key);
  else if (line.is === 'sequence') sequences.set(line.uid, line.sequence);
  else if (line.value === undefined) memories.delete(line.uid);
  else memories.set(line.uid, line.value);
}

async function linesOf(file: string): Promise<Line[]> {
  let text: string;
  try {
    text = await readFile(file, 'utf8');
  } catch (problem) {
    if ((problem as NodeJS.ErrnoException).code === 'ENOENT') return [];
    throw new JournalProblem(`the journal ${file} cannot be read: ${(problem as Error).message}`);
  }
  const lines = text.split('\n');
  // Whole lines end in a line feed: what follows the last one was cut off by a crash, before anybody acted on it.
  lines.pop();
  return lines.map((line, i) => {
    try {
      const read = JSON.parse(line) as Line;
      if (!IS.includes(read.is)) throw new TypeError('no line of a journal');
      return read;
    } catch {
      throw new JournalProblem(
        `the journal ${file} is damaged in line ${i + 1}. It says which orders were carried out, so nothing is done without it. ` +
          `Next: restore it; or move it away, and what the objects themselves say will be taken`,
      );
    }
  });
}

const textOf = (lines: readonly Line[]): string => lines.map((line) => `${JSON.stringify(line)}\n`).join('');

/** The file with nothing in it that is settled, put in place whole. */
async function rewritten(file: string, { entries, sequences, memories }: Known): Promise<FileHandle> {
  const lines: Line[] = [
    ...[...sequences].map(([uid, sequence]): Line => ({ is: 'sequence', uid, sequence })),
    ...[...memories].map(([uid, value]): Line => ({ is: 'memory', uid, value })),
    ...[...entries.values()].map((entry): Line => ({ is: 'entry', ...entry })),
  ];
  const fresh = `${file}.new`;
  const handle = await open(fresh, 'w', 0o600);
  try {
    await handle.writeFile(textOf(lines));
    await handle.sync();
  } finally {
    await handle.close();
  }
  await rename(fresh, file);
  const folder = await open(dirname(file));
  await folder.sync().finally(() => folder.close());
  return await open(file, 'a', 0o600);
}
