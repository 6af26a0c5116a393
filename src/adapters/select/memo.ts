import { randomUUID } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { sha256 } from '../../core/base/hash.ts';

/** What was read of blobs before, by what they hold: a blob's id never stands for anything else. */
export type Memo = {
  get(kind: string, id: string): unknown;
  put(kind: string, id: string, fact: unknown): void;
  /** Writes what is new. Never throws: without it the next run only takes longer. */
  save(): void;
};

/** Counts up when what is read of a file changes. */
const FORMAT = 'fleetfix imports 1';
const LINES_MAX = 100_000;

/**
 * A memo in one file, which is replaced whole: of two that write at once the later one stays. Its first line holds the
 * hash of the rest, so that a damaged file is none.
 */
export function openMemo(file: string): Memo {
  const lines = read(file);
  const used = new Set<string>();
  let isNew = false;
  return {
    get(kind, id) {
      const key = `${kind} ${id}`;
      const line = lines.get(key);
      if (line === undefined) return undefined;
      used.add(key);
      return JSON.parse(line);
    },
    put(kind, id, fact) {
      const key = `${kind} ${id}`;
      lines.set(key, JSON.stringify(fact));
      used.add(key);
      isNew = true;
    },
    save() {
      if (!isNew) return;
      const kept = lines.size > LINES_MAX ? [...lines].filter(([key]) => used.has(key)) : [...lines];
      write(file, kept.map(([key, line]) => `${key} ${line}\n`).join(''));
    },
  };
}

function read(file: string): Map<string, string> {
  const lines = new Map<string, string>();
  try {
    if (!existsSync(file)) return lines;
    const text = readFileSync(file, 'utf8');
    const end = text.indexOf('\n');
    const body = text.slice(end + 1);
    if (text.slice(0, end) !== `${FORMAT} ${sha256(body)}`) return lines;
    for (const line of body.split('\n')) {
      const at = line.indexOf(' ', line.indexOf(' ') + 1);
      if (at > 0) lines.set(line.slice(0, at), line.slice(at + 1));
    }
  } catch {
    // A folder that cannot be read is one without a memo.
  }
  return lines;
}

function write(file: string, body: string): void {
  const fresh = `${file}.${randomUUID()}`;
  try {
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(fresh, `${FORMAT} ${sha256(body)}\n${body}`);
    renameSync(fresh, file);
  } catch {
    drop(fresh);
  }
}

function drop(file: string): void {
  try {
    rmSync(file, { force: true });
  } catch {
    // Where nothing can be written, nothing was left either.
  }
}
