import type { Commit } from '../../../core/base/ids.ts';
import { folderOf } from '../../../core/code/folders.ts';
import type { ChangedFile, Neighbour } from '../../../core/scope/change.ts';
import type { Git } from '../objects/git.ts';
import { createTexts } from './texts.ts';

/** A change in more packages than this is no small one: the tests of the first are looked at. */
const FOLDERS_MAX = 40;
const BYTES_MAX = 8 * 1024 * 1024;

/** Go files beside those that change, which may hold the tests that reach them. */
export async function readNeighbours(
  git: Git,
  to: Commit,
  files: readonly ChangedFile[],
): Promise<{ files: Neighbour[]; warnings: string[] }> {
  const changed = new Set(files.map(({ path }) => path));
  const isRead = (file: ChangedFile) =>
    file.now !== undefined && file.path.endsWith('.go') && !file.path.endsWith('_test.go');
  const folders = [...new Set(files.filter(isRead).map(({ path }) => folderOf(path)))];
  const some = folders.slice(0, FOLDERS_MAX);
  if (some.length === 0) return { files: [], warnings: [] };
  const paths = some.map((folder) => (folder === '' ? '.' : `${folder}/`));
  const listed = (await git.read(['ls-tree', '-z', '-l', to, '--', ...paths])).toString('utf8');
  let bytes = 0;
  const wanted = listed.split('\0').flatMap((line) => {
    const match = /^100\d{3} blob ([0-9a-f]+) +(\d+)\t(.*\.go)$/s.exec(line);
    if (!match || changed.has(match[3]!)) return [];
    bytes += Number(match[2]);
    return bytes > BYTES_MAX ? [] : [{ path: match[3]!, id: match[1]! }];
  });
  const texts = await createTexts(
    git,
    wanted.map(({ id }) => id),
  );
  const left = folders.length > FOLDERS_MAX || bytes > BYTES_MAX;
  return {
    files: wanted.flatMap(({ path, id }) => {
      const found = texts.get(id);
      return found && 'text' in found ? [{ path, text: found.text }] : [];
    }),
    warnings: left ? ['tests that already exist were looked for in some of the packages only'] : [],
  };
}
