import { randomUUID } from 'node:crypto';
import { mkdir, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { deflateSync } from 'node:zlib';
import { type Git, MissingObject } from './git.ts';

const isId = (text: string) => /^[0-9a-f]+$/.test(text);

const WHICH = ['a', 'b'] as const;
const MISSING_MAX = 64;

/**
 * Does `work` although blobs are missing (a partial clone lacks large ones), when that can be done honestly.
 *
 * git reads blobs also to guess renames, so one that no side changed can fail a merge it has no part in.
 * The work is done twice, with two different stand-ins for every missing blob: equal answers prove that the
 * content had no part in the result. Otherwise the `MissingObject` is thrown. Stand-ins lie in a folder of
 * their own that no other command sees.
 */
export async function withStandIns<T>(
  git: Git,
  first: MissingObject,
  work: (git: Git) => Promise<T>,
): Promise<{ readonly result: T; readonly missing: readonly string[] }> {
  const missing = new Set([first.id]);
  for (;;) {
    try {
      const results: T[] = [];
      for (const which of WHICH) {
        const folder = join(git.dir, `stand-ins-${which}`);
        for (const id of missing) await writeStandIn(folder, id, which);
        results.push(await work(git.with({ GIT_ALTERNATE_OBJECT_DIRECTORIES: quoted(folder) })));
      }
      if (JSON.stringify(results[0]) !== JSON.stringify(results[1]))
        throw new MissingObject([...missing].join(', '));
      return { result: results[0]!, missing: [...missing] };
    } catch (problem) {
      const isNew = problem instanceof MissingObject && isId(problem.id) && !missing.has(problem.id);
      if (!isNew || missing.size >= MISSING_MAX) throw problem;
      missing.add(problem.id);
    }
  }
}

async function writeStandIn(folder: string, id: string, which: string): Promise<void> {
  const dir = join(folder, id.slice(0, 2));
  await mkdir(dir, { recursive: true });
  const content = Buffer.from(`${which.repeat(32)} stands in for ${id}\n`.repeat(which === 'a' ? 1 : 100));
  const file = join(dir, id.slice(2));
  const whole = Buffer.concat([Buffer.from(`blob ${content.length}\0`), content]);
  const temporary = `${file}.${randomUUID()}.new`;
  await writeFile(temporary, deflateSync(whole));
  await rename(temporary, file);
}

/** Several folders are separated by colons there, so one with a colon is quoted. */
const quoted = (path: string) => (/[:"]/.test(path) ? `"${path.replace(/(["\\])/g, '\\$1')}"` : path);
