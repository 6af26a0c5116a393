import { below, folderOf, joinPath, upwards } from '../../../core/code/folders.ts';
import { alteredBodies, type GoAltered } from '../../../core/code/go-altered.ts';
import type { GoBuild } from '../../../core/code/go-build.ts';
import { lineOf } from '../../../core/code/go-tokens.ts';
import type { Delta } from '../objects/merge.ts';
import { pathText } from '../objects/path-text.ts';
import type { ChangedEntry } from '../objects/trees.ts';
import type { GoSource, GoText } from './go-source.ts';

/** What signs are looked for in. All are ids of trees but `source`. */
export type SignWork = {
  /** The line before the change. */
  readonly before: string;
  /** The candidate. */
  readonly after: string;
  /** What was picked, in order. */
  readonly steps: readonly { readonly source: string; readonly delta: Delta }[];
};

/** A Go file that the change alters on the line. `path` is bytes as latin1 text. */
export type ChangedFile = {
  readonly path: string;
  readonly folder: string;
  /** Absent when the change takes the file away. */
  readonly now?: GoText;
  readonly before?: GoText;
  /** The tree of the step that altered it last, and the file there; where it is at all. */
  readonly sourceTree: string;
  readonly source?: GoText;
  /** The pieces that the change takes from the line, or brings to it. */
  altered(): GoAltered;
};

/** More files than this are a bump of dependencies or a rewrite, which no sign here is about. */
const FILES_MAX = 300;

/** The Go files of the change, without vendored and generated ones. */
export async function changedFiles(go: GoSource, work: SignWork): Promise<ChangedFile[]> {
  const entries = (await go.trees.changed(work.before, work.after)).filter(({ path }) => isRead(path));
  if (entries.length === 0 || entries.length > FILES_MAX) return [];
  const sources = await sourceTrees(go, work);
  const last = work.steps.at(-1)!.delta.to;
  return Promise.all(entries.map((entry) => readChanged(go, entry, sources.get(entry.path) ?? last)));
}

const isRead = (path: string) =>
  path.endsWith('.go') && !/(^|\/)(vendor|third_party|testdata)\/|(^|\/)zz_generated/.test(path);

/** For each path the tree of the last step that altered it. */
async function sourceTrees(go: GoSource, work: SignWork): Promise<ReadonlyMap<string, string>> {
  if (work.steps.length < 2) return new Map();
  const found = new Map<string, string>();
  for (const { delta } of work.steps)
    for (const { path } of await go.trees.changed(delta.from, delta.to)) found.set(path, delta.to);
  return found;
}

async function readChanged(go: GoSource, entry: ChangedEntry, sourceTree: string): Promise<ChangedFile> {
  const there = await go.trees.at(sourceTree, entry.path);
  const [now, before, source] = await Promise.all(
    [entry.to, entry.from, there].map((one) => (one?.type === 'blob' ? go.file(one.id) : undefined)),
  );
  let altered: GoAltered | undefined;
  return {
    path: entry.path,
    folder: folderOf(entry.path),
    sourceTree,
    ...(now ? { now } : {}),
    ...(before ? { before } : {}),
    ...(source ? { source } : {}),
    altered() {
      altered ??= alteredBodies(before, now);
      return altered;
    },
  };
}

/** `file.go:12`, for people. */
export const place = (path: string, { text }: GoText, at: number): string =>
  `${pathText(Buffer.from(path, 'latin1'))}:${lineOf(text, at)}`;

/** How many arguments, in words. */
export const countOf = (args: number): string => (args === 1 ? 'one argument' : `${args} arguments`);

/** The modules of a tree that a file in `folder` is built with, and the `go.mod` of its own. */
export type Build = GoBuild & { readonly goMod: string };

/** undefined when no folder above has a `go.mod`. */
export async function buildAt(go: GoSource, tree: string, folder: string): Promise<Build | undefined> {
  for (const home of upwards(folder)) {
    const found = await go.module(tree, below(home, 'go.mod'));
    if (!found) continue;
    const { module: own, text: goMod } = found;
    const replaced = own.replaces.flatMap(({ from, folder: to }) => {
      const at = joinPath(home, to);
      return at === undefined ? [] : [{ path: from, folder: at }];
    });
    const vendor = await go.trees.at(tree, below(home, 'vendor'));
    const vendors = vendor?.type === 'tree' ? [below(home, 'vendor')] : [];
    return { folder: home, modules: [{ path: own.path, folder: home }, ...replaced], vendors, goMod };
  }
  return undefined;
}
