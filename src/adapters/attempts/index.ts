import { createHash } from 'node:crypto';
import { mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Attempts } from '../../ports/attempts.ts';

/**
 * Keeps a small file below `dir` for each work that is under way: how often it was begun. A disk that cannot be written to
 * counts nothing, and hinders nothing.
 */
export function openAttempts(dir: string): Attempts {
  const fileOf = (work: string) => join(dir, createHash('sha256').update(work).digest('hex'));
  /** Ends with the suspect that runs. */
  let last: Promise<void> = Promise.resolve();
  const suspects = new Map<string, () => void>();
  const turn = async (work: string) => {
    const before = last;
    const { promise, resolve } = Promise.withResolvers<void>();
    last = before.then(() => promise);
    suspects.set(work, resolve);
    await before;
  };
  return {
    async begin(work) {
      if ((await countIn(fileOf(work))) >= SUSPECT_FROM) await turn(work);
      const before = await countIn(fileOf(work));
      const text = `${before + 1} ${work.replaceAll(/\s+/g, ' ').slice(0, 1_000)}\n`;
      await mkdir(dir, { recursive: true })
        .then(() => writeFile(fileOf(work), text))
        .catch(() => {});
      return before;
    },
    async end(work) {
      await rm(fileOf(work), { force: true }).catch(() => {});
      suspects.get(work)?.();
      suspects.delete(work);
    },
  };
}

/** One end without a word may be a power cut, and makes nobody wait for a long gate. */
const SUSPECT_FROM = 2;

/** What cannot be read, or was torn by a power cut, counts as nothing. */
async function countIn(file: string): Promise<number> {
  const text = await readFile(file, 'utf8').catch(() => '');
  return Number(/^(\d{1,9}) /.exec(text)?.[1] ?? 0);
}
