import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Commit, short } from '../../../core/base/ids.ts';
import { SourceProblem } from '../../../ports/repository.ts';
import { resolveName } from '../copy/names.ts';
import { readRefs } from '../copy/refs.ts';
import { personOf } from '../objects/commit-text.ts';
import { MissingObject, printable } from '../objects/git.ts';
import { deltaOf } from '../objects/merge.ts';
import { pathText } from '../objects/path-text.ts';
import { touching } from '../objects/paths-of.ts';
import type { Store } from '../objects/store.ts';
import type { PatchFile } from './patch-files.ts';
import { type Patch, readPatches } from './patch-mail.ts';

/** Where a patch is to be put, and the branch its commits were most likely made on. */
type Place = { readonly branch: string; readonly onto?: Commit };

/**
 * The source commits of a patch, oldest first, so that all that follows is as for a commit.
 *
 * commits: they are in the repository, and the patch changes exactly what they change. made on a commit: written here,
 * on a commit whose files are what the patch was made on. made loosely: no such commit is known; they are good for
 * `onto` alone.
 */
export type PatchCommits = {
  readonly commits: readonly Commit[];
  readonly made?: 'on a commit' | 'loosely';
};

// A fix is text; what git would unpack of a few bytes can be very large.
const BINARY_BYTES_MAX = 16 * 1024 * 1024;

/**
 * Reads a patch and finds or writes its commits. Same patch, same repository, same ids. Throws a `SourceProblem`
 * with what git says, path and line included, when it can be put nowhere.
 */
export async function commitsOfPatch(store: Store, text: string, place: Place): Promise<PatchCommits> {
  const patches = await readPatches(store.git, text);
  refuseLarge(text);
  const commits = await commitsNamed(store, patches);
  if (commits) return { commits };
  const ground = await groundOf(store, patches, place);
  return {
    commits: await writeCommits(store, patches, ground),
    made: ground.commit === undefined ? 'loosely' : 'on a commit',
  };
}

function refuseLarge(text: string): void {
  const sizes = [...text.matchAll(/^(?:literal|delta) (\d+)\r?$/gm)].map((match) => Number(match[1]));
  if (sizes.some((size) => size > BINARY_BYTES_MAX))
    throw new SourceProblem(
      `the patch holds a binary file of more than ${BINARY_BYTES_MAX} bytes. Next: name its commits instead.`,
    );
}

/** The commits the mails name, when each changes the same files from and to the same contents. */
async function commitsNamed(store: Store, patches: readonly Patch[]): Promise<Commit[] | undefined> {
  const ids: Commit[] = [];
  for (const patch of patches) {
    const commit = patch.of === undefined ? undefined : await store.findCommit(patch.of);
    if (commit === undefined || commit.parents.length > 1 || !(await isChangeOf(store, commit.id, patch)))
      return undefined;
    ids.push(commit.id);
  }
  return ids;
}

async function isChangeOf(store: Store, commit: Commit, patch: Patch): Promise<boolean> {
  const { files } = patch;
  const { from, to } = await deltaOf(store, commit);
  const changed = new Map((await store.trees.changed(from, to)).map((one) => [one.path, one]));
  const named = new Set(files.flatMap((file) => [file.from, file.to]).filter((path) => path !== undefined));
  const isSame = ({ from: old, to: now, before, after }: PatchFile) =>
    (before !== undefined || after !== undefined) &&
    (old === undefined || changed.get(old)?.from?.id.startsWith(before ?? '') === true) &&
    (now === undefined || changed.get(now)?.to?.id.startsWith(after ?? '') === true);
  // The ids are what the patch says of itself; somebody may have edited it since.
  return (
    files.length > 0 &&
    named.size === changed.size &&
    files.every(isSame) &&
    (await withIndex(store, from, (index) => index.applyAll([patch], 'forward'))).tree === to
  );
}

/** What the commits of a patch are written on: a tree, and the commit it is of when it is one. */
type Ground = { readonly tree: string; readonly commit?: Commit; readonly parent?: Commit };

async function groundOf(store: Store, patches: readonly Patch[], place: Place): Promise<Ground> {
  const needs = needsOf(patches);
  if ([...needs.values()].some((before) => before !== undefined && before !== ''))
    for await (const id of likely(store, patches, { place, paths: [...needs.keys()] }))
      if (await holds(store, id, needs))
        return { tree: (await store.commit(id)).tree, commit: id, parent: id };
  return looseGround(store, patches, { needs, place });
}

/**
 * What a tree must hold for the patches to be made on it: the start of a blob's id by path, an empty text for a
 * file of any content, undefined for a path that must not be there. Files that an earlier patch wrote are left out.
 */
type Needs = ReadonlyMap<string, string | undefined>;

function needsOf(patches: readonly Patch[]): Needs {
  const needs = new Map<string, string | undefined>();
  const written = new Set<string>();
  for (const { from, to, before } of patches.flatMap((patch) => patch.files)) {
    const path = from ?? to!;
    if (!written.has(path)) needs.set(path, from === undefined ? undefined : (before ?? ''));
    for (const one of [from, to]) if (one !== undefined) written.add(one);
  }
  return needs;
}

async function holds(store: Store, id: Commit, needs: Needs): Promise<boolean> {
  try {
    const { tree } = await store.commit(id);
    for (const [path, before] of needs) {
      const there = (await store.trees.at(tree, path))?.id;
      if (before === undefined ? there !== undefined : !there?.startsWith(before)) return false;
    }
    return true;
  } catch (problem) {
    if (problem instanceof MissingObject) return false;
    throw problem;
  }
}

/**
 * Commits the patches may have been made on: what they say themselves, then whatever touched their files, newest first,
 * on the branch, on the line, and on every ref.
 */
async function* likely(
  store: Store,
  patches: readonly Patch[],
  where: { readonly place: Place; readonly paths: readonly string[] },
): AsyncGenerator<Commit> {
  const [first] = patches;
  if (first?.base !== undefined && (await store.findCommit(first.base))) yield first.base;
  const parent = first?.of && (await store.findCommit(first.of))?.parents[0];
  if (parent) yield parent;
  const tip = await resolveName(store, where.place.branch);
  for (const from of [tip, where.place.onto])
    if (from !== undefined)
      yield* await touching(store, {
        from: [from],
        paths: where.paths,
        flags: ['--first-parent', '--max-count=500'],
      });
  const refs = [...(await readRefs(store.git)).values()];
  yield* await touching(store, {
    from: refs,
    paths: where.paths,
    flags: ['--full-history', '--max-count=2000'],
  });
}

/**
 * No commit is what the patches were made on. In this order: the line has them already, when they can be taken away
 * cleanly (then the ground is the line without them); they fit the line's own files; or the contents they were made on
 * are known one by one, and stand in for the line's.
 */
async function looseGround(
  store: Store,
  patches: readonly Patch[],
  work: { readonly needs: Needs; readonly place: Place },
): Promise<Ground> {
  const onto = work.place.onto ?? (await resolveName(store, work.place.branch));
  if (onto === undefined)
    throw new SourceProblem(
      `branch "${printable(work.place.branch)}" is not in the repository. Expected one the patch may have been made on.`,
    );
  const { tree } = await store.commit(onto);
  return withIndex(store, tree, async (index) => {
    const without = await index.applyAll(patches.toReversed(), 'backward');
    if (without.tree !== undefined) return { tree: without.tree, parent: onto };
    await index.reset(tree);
    const fits = await index.applyAll(patches, 'forward');
    if (fits.tree !== undefined) return { tree, parent: onto };
    await index.reset(tree);
    const made = await index.standIn(work.needs);
    if (made !== undefined) {
      const onMade = await index.applyAll(patches, 'forward');
      if (onMade.tree !== undefined) return { tree: made, parent: onto };
    }
    throw doesNotApply(onto, fits.said!);
  });
}

const doesNotApply = (onto: Commit, said: string) =>
  new SourceProblem(
    `the patch fits neither ${short(onto)} nor a commit it may have been made on: ${said}. ` +
      `Next: push the commit it was made on, or make the patch from commits that are pushed.`,
  );

const WE = 'fleetfix <fleetfix@localhost>';

async function writeCommits(store: Store, patches: readonly Patch[], ground: Ground): Promise<Commit[]> {
  const parent = await parentOf(store, ground);
  const at = personOf((await store.commit(parent)).committer).seconds;
  return withIndex(store, ground.tree, async (index) => {
    const commits: Commit[] = [];
    for (const patch of patches) {
      const { tree, said } = await index.applyAll([patch], 'forward');
      if (tree === undefined) throw doesNotApply(parent, said!);
      const author = patch.mail?.author ?? `${WE} ${at} +0000`;
      const when = Math.max(at, personOf(author).seconds);
      const message = patch.mail?.message ?? titleOf(patch);
      const parents = [commits.at(-1) ?? parent];
      commits.push(
        await store.writeCommit({ tree, parents, author, committer: `${WE} ${when} +0000`, message }),
      );
    }
    return commits;
  });
}

/** The commit the first patch is written on: the ground's own, or one made of its tree. */
async function parentOf(store: Store, { tree, commit, parent }: Ground): Promise<Commit> {
  if (parent !== undefined && (commit !== undefined || (await store.commit(parent)).tree === tree))
    return parent;
  const parents = parent === undefined ? [] : [parent];
  const nobody = `${WE} 0 +0000`;
  return await store.writeCommit({
    tree,
    parents,
    author: nobody,
    committer: nobody,
    message: 'Made for a patch\n',
  });
}

function titleOf({ files }: Patch): string {
  const paths = files.map(({ from, to }) => pathText(Buffer.from(to ?? from!, 'latin1')));
  const named =
    paths.length > 3 ? `${paths.slice(0, 3).join(', ')} and ${paths.length - 3} more` : paths.join(', ');
  return Buffer.from(`Patch of ${named || 'files'}\n`, 'utf8').toString('latin1');
}

/** An index of its own, in which patches are applied without a work tree. */
type Index = {
  reset(tree: string): Promise<void>;
  /** The tree after all of them, or what git said of the first that does not fit. */
  applyAll(
    patches: readonly Patch[],
    way: 'forward' | 'backward',
  ): Promise<{ readonly tree?: string; readonly said?: string }>;
  /** Puts the contents in that are needed; the tree, or undefined when one of them is not known. */
  standIn(needs: Needs): Promise<string | undefined>;
};

async function withIndex<T>(store: Store, tree: string, work: (index: Index) => Promise<T>): Promise<T> {
  const dir = await mkdtemp(join(tmpdir(), 'fleetfix-index-'));
  try {
    const index = indexAt(store, { GIT_INDEX_FILE: join(dir, 'index') });
    await index.reset(tree);
    return await work(index);
  } finally {
    await rm(dir, { recursive: true, force: true });
  }
}

function indexAt(store: Store, env: Readonly<Record<string, string>>): Index {
  const { git } = store;
  // A clone may lack files that the patch does not touch.
  const written = async () =>
    (await git.read(['write-tree', '--missing-ok'], { env })).toString('latin1').trim();
  return {
    reset: async (tree) => void (await git.read(['read-tree', tree], { env })),
    async applyAll(patches, way) {
      const args = [
        'apply',
        '--cached',
        '--whitespace=nowarn',
        ...(way === 'backward' ? ['--reverse'] : []),
        '-',
      ];
      for (const { diff } of patches) {
        const ran = await git.run(args, { env, input: Buffer.from(diff, 'latin1') });
        if (ran.code !== 0) return { said: whatGitSaid(ran.stderr) };
      }
      return { tree: await written() };
    },
    async standIn(needs) {
      const lines: string[] = [];
      for (const [path, before] of needs) {
        const found = before ? await store.find(before) : undefined;
        if (before !== undefined && found?.type !== 'blob') return undefined;
        lines.push(
          found ? `100644 ${found.id}\t${path}\0` : `0 ${'0'.repeat(store.emptyTree.length)}\t${path}\0`,
        );
      }
      const input = Buffer.from(lines.join(''), 'latin1');
      await git.read(['update-index', '-z', '--replace', '--index-info'], { env, input });
      return await written();
    },
  };
}

function whatGitSaid(stderr: string): string {
  const lines = stderr.split('\n').filter((line) => /^(error|fatal): /.test(line));
  const said = lines.slice(0, 3).map((line) => printable(line.replace(/^\w+: /, '')).slice(0, 300));
  return said.join('; ') || 'git gave no reason';
}
