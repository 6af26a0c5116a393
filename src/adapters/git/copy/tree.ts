import { mkdir, mkdtemp, readdir, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { type Commit, short } from '../../../core/base/ids.ts';
import { SourceProblem } from '../../../ports/repository.ts';
import type { Git } from '../objects/git.ts';

const CHECKOUT_MS = 15 * 60_000;
// Longer than any build that is allowed; what is older was left by a process that was killed.
const LEFT_MS = 24 * 3_600_000;

/**
 * Writes the files of a commit, with modes and symbolic links, into a new folder without a `.git`: those under
 * `paths`, or all when there are none. A path that the commit does not have is passed over.
 */
export async function checkoutTree(
  git: Git,
  trees: string,
  { commit, paths }: { readonly commit: Commit; readonly paths: readonly string[] },
) {
  await mkdir(trees, { recursive: true });
  const dir = await mkdtemp(join(trees, `${short(commit)}-`));
  const index = `${dir}.index`;
  const dispose = async () => {
    await rm(dir, { recursive: true, force: true });
  };
  try {
    // A private index: several checkouts at once do not meet.
    const env = { GIT_INDEX_FILE: index, GIT_WORK_TREE: dir };
    await git.read(['read-tree', commit], { env });
    const wanted = await git.read(['ls-files', '-z', '--', ...paths], { env });
    const how = { env, input: wanted, timeoutMs: CHECKOUT_MS };
    await git.read(['checkout-index', '--force', '-z', '--stdin'], how);
    return { dir, dispose };
  } catch (problem) {
    await dispose();
    if (!(problem instanceof SourceProblem)) throw problem;
    throw new SourceProblem(
      `${problem.message} A build that needs only some paths can name them in builder.tree.`,
    );
  } finally {
    await rm(index, { force: true });
  }
}

/** Removes trees that were left behind by a process that was killed. */
export async function dropLeftTrees(trees: string): Promise<void> {
  for (const name of await readdir(trees).catch(() => [] as string[])) {
    const path = join(trees, name);
    const found = await stat(path).catch(() => undefined);
    if (found && Date.now() - found.mtimeMs > LEFT_MS) await rm(path, { recursive: true, force: true });
  }
}
