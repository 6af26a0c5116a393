import { constants } from 'node:fs';
import { copyFile, link, mkdir, readdir, readFile, rename, unlink } from 'node:fs/promises';
import { isAbsolute, join } from 'node:path';

/**
 * Takes over all objects of one object folder that the other lacks, alternates included.
 *
 * By hard link where both are on one file system, so a large repository costs neither time nor space,
 * and by copy elsewhere. Objects and packs never change once written, and a link survives the source's
 * own tidying, so what a candidate was made from is never lost under it.
 */
export async function adoptObjects(from: string, to: string): Promise<void> {
  for (const folder of await withAlternates(from)) {
    await adoptPacks(join(folder, 'pack'), join(to, 'pack'));
    await adoptLoose(folder, to);
  }
}

async function withAlternates(start: string): Promise<readonly string[]> {
  const seen = new Set<string>();
  const walk = async (folder: string, depth: number): Promise<void> => {
    if (seen.has(folder) || depth > 5) return;
    seen.add(folder);
    const text = await readFile(join(folder, 'info', 'alternates'), 'utf8').catch(() => '');
    const lines = text.split('\n').filter((line) => line !== '' && !line.startsWith('#'));
    for (const line of lines) await walk(isAbsolute(line) ? line : join(folder, line), depth + 1);
  };
  await walk(start, 0);
  return [...seen];
}

// git finds a pack by its index, so the index comes last.
const PACK_PARTS = ['.pack', '.rev', '.idx'];

async function adoptPacks(from: string, to: string): Promise<void> {
  await mkdir(to, { recursive: true });
  const theirs = await namesIn(from);
  const ours = new Set(await namesIn(to));
  for (const part of PACK_PARTS) {
    const wanted = theirs.filter((name) => name.startsWith('pack-') && name.endsWith(part));
    for (const name of wanted) if (!ours.has(name)) await take(join(from, name), join(to, name));
  }
}

async function adoptLoose(from: string, to: string): Promise<void> {
  const folders = (await namesIn(from)).filter((name) => /^[0-9a-f]{2}$/.test(name));
  await Promise.all(
    folders.map(async (folder) => {
      await mkdir(join(to, folder), { recursive: true });
      const ours = new Set(await namesIn(join(to, folder)));
      const theirs = (await namesIn(join(from, folder))).filter((name) => /^[0-9a-f]{38,62}$/.test(name));
      for (const name of theirs)
        if (!ours.has(name)) await take(join(from, folder, name), join(to, folder, name));
    }),
  );
}

const namesIn = (folder: string) => readdir(folder).catch(() => [] as string[]);

async function take(from: string, to: string): Promise<void> {
  try {
    await link(from, to);
    return;
  } catch (problem) {
    const { code } = problem as NodeJS.ErrnoException;
    // Gone: the source was tidied while we looked; the caller checks that nothing is missing.
    if (code === 'EEXIST' || code === 'ENOENT') return;
  }
  const temporary = join(to, '..', `tmp_obj_${process.pid}_${Math.trunc(performance.now() * 1000)}`);
  try {
    await copyFile(from, temporary, constants.COPYFILE_FICLONE);
    await rename(temporary, to);
  } catch (problem) {
    await unlink(temporary).catch(() => {});
    throw problem;
  }
}
