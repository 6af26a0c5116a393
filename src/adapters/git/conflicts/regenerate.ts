import { lstat, readFile, readlink } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { type AssemblyWork, SourceProblem } from '../../../ports/repository.ts';
import { run } from '../../process/run.ts';
import { checkoutTree } from '../copy/tree.ts';
import { firstLine, gitEnv } from '../objects/git.ts';
import type { Store } from '../objects/store.ts';
import type { Accepted } from './accept.ts';
import { editTree, type TreeEdit } from './edit-tree.ts';

/**
 * Makes the generated files that a proposal left again: the command runs in a checkout of the last tree, and of what it
 * wrote only those paths are taken over, in the last commit. Throws `SourceProblem` when it fails.
 */
export async function regenerate(
  store: Store,
  work: Accepted & { readonly trees: string; readonly how: AssemblyWork['regenerate'] },
): Promise<Pick<Accepted, 'picks' | 'warnings'>> {
  const { picks, warnings, how } = work;
  const paths = work.left.filter((one) => one.class === 'generated').map((one) => one.path);
  const last = picks.at(-1);
  // A path that git quotes cannot be told from one that looks so: it is left to a person.
  const plain = paths.filter((path) => !path.startsWith('"'));
  if (!how || !last || plain.length === 0) return { picks, warnings };
  const checkout = await checkoutTree(store.git, work.trees, { commit: last.tree, paths: [] });
  try {
    await runIn(checkout.dir, how);
    const edits: TreeEdit[] = [];
    for (const path of plain) edits.push(await asWritten(store, checkout.dir, path));
    const tree = await editTree(store, last.tree, edits);
    const said = `${how.command.join(' ')} made ${plain.length} generated files again: ${plain.slice(0, 8).join(', ')}`;
    const others = warnings.filter((warning) => !warning.startsWith('generated files are as the line'));
    return { picks: [...picks.slice(0, -1), { ...last, tree }], warnings: [...others, said] };
  } finally {
    await checkout.dispose();
  }
}

async function runIn(dir: string, how: NonNullable<AssemblyWork['regenerate']>): Promise<void> {
  const [file = '', ...args] = how.command;
  const { PATH, HOME, TMPDIR } = gitEnv();
  const env = Object.fromEntries(
    Object.entries({ PATH, HOME, TMPDIR }).filter(([, value]) => value),
  ) as Record<string, string>;
  const ran = await run({ file, args, cwd: dir, env, timeoutMs: how.timeoutMs });
  if (ran.ended === 'exited' && ran.code === 0) return;
  const why = ran.ended === 'exited' ? `ended with ${ran.code}` : ran.ended;
  throw new SourceProblem(
    `"${how.command.join(' ')}" was to make generated files again and ${why}: ${firstLine(ran.stderr)}. ` +
      'Expected it to end with 0 in a checkout of the candidate. Next: correct the command, or take the proposal without it.',
  );
}

/** What stands at the path now; nothing when the command took it away. A path below a link is not followed. */
async function asWritten(store: Store, dir: string, path: string): Promise<TreeEdit> {
  const name = Buffer.from(path, 'utf8').toString('latin1');
  const file = join(dir, path);
  for (let folder = dirname(file); folder.length > dir.length; folder = dirname(folder))
    if ((await lstat(folder).catch(() => undefined))?.isSymbolicLink()) return { path: name };
  const found = await lstat(file).catch(() => undefined);
  if (found?.isSymbolicLink())
    return { path: name, entry: { mode: '120000', id: store.writeBlob(Buffer.from(await readlink(file))) } };
  if (!found?.isFile()) return { path: name };
  const mode = (found.mode & 0o100) === 0 ? '100644' : '100755';
  return { path: name, entry: { mode, id: store.writeBlob(await readFile(file)) } };
}
