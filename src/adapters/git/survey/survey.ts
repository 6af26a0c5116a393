import type { SurveyedCommit } from '../../../core/assembly/survey.ts';
import { type Commit, short } from '../../../core/base/ids.ts';
import { joinPath } from '../../../core/code/folders.ts';
import { isVendored } from '../../../core/code/go-build.ts';
import { isRelevant, type Relevant } from '../../../core/code/relevant.ts';
import { SourceProblem, type Surveyed, type SurveyWork } from '../../../ports/repository.ts';
import { type Git, printable } from '../objects/git.ts';
import { type GoFiles, rootsAt, walkPackages } from './go-packages.ts';
import { type History, readHistory, shared } from './history.ts';
import { createObjects, type Objects } from './objects.ts';
import { createSnapshot } from './snapshot.ts';
import { createScales, type HasGit } from './weigh.ts';

/**
 * What a component is built from at each deployed commit, and by which commits they differ there.
 *
 * The import graph is read anew at each commit, since it changes; trees and files are read once for all, by
 * their ids, so that the second of two neighbours costs little. What it gives is weighed with the git that `store` has
 * by then.
 */
export async function survey(store: HasGit, work: SurveyWork): Promise<Surveyed> {
  const { git } = store;
  const say = work.say ?? (() => {});
  const paths = work.paths.map(ownPath);
  const trees = await rootTrees(git, work.commits);
  const objects = createObjects(git);
  const known: GoFiles = new Map();
  const graphs: Graph[] = [];
  try {
    for (const [i, tree] of trees.entries()) {
      graphs.push(await graphAt(objects, { tree, paths, known }));
      say(`read imports at ${i + 1} of ${trees.length} commits`);
    }
  } finally {
    objects.close();
  }
  const warnings = checked(graphs, paths, work.commits);
  say('reading histories');
  const history = await readHistory(git, work.commits);
  const scales = createScales(store);
  return {
    lines: work.commits.map((commit, i) => ({ commit, packages: [...graphs[i]!.relevant.packages].sort() })),
    commits: relevantCommits(history, graphs),
    warnings,
    weigh: (commits, at) => scales.weigh(commits, (path) => isRelevant(path, graphs[at]!.relevant)),
  };
}

/** A path as git writes it: `./cmd/op/` is `cmd/op`. */
function ownPath(path: string): string {
  const own = path.startsWith('/') ? undefined : joinPath('', path);
  if (own !== undefined) return own;
  throw new SourceProblem(
    `path "${printable(path)}" does not lie in the repository. Expected one from its top, such as cmd/operator. ` +
      `Next: write it without / in front and without .. .`,
  );
}

async function rootTrees(git: Git, commits: readonly Commit[]): Promise<string[]> {
  const input = commits.map((id) => `${id}^{commit}\n${id}^{tree}\n`).join('');
  const lines = (await git.read(['cat-file', '--batch-check=%(objectname)'], { input }))
    .toString('latin1')
    .split('\n');
  return commits.map((id, i) => {
    const [commit, tree] = [lines[2 * i], lines[2 * i + 1]];
    if (commit === id && tree !== undefined && !tree.includes(' ')) return tree;
    throw new SourceProblem(
      `commit ${printable(id).slice(0, 80)} is not in the repository. Expected the full id of a commit that was pushed. ` +
        `Next: check the id, or push the commit and try again.`,
    );
  });
}

type Graph = {
  readonly relevant: Relevant;
  readonly absent: readonly string[];
  readonly missing: readonly string[];
};

async function graphAt(
  objects: Objects,
  at: { tree: string; paths: readonly string[]; known: GoFiles },
): Promise<Graph> {
  const snapshot = createSnapshot(objects, at.tree);
  const there = await Promise.all(at.paths.map((path) => snapshot.at(path)));
  const roots = new Set((await Promise.all(at.paths.map((path) => rootsAt(snapshot, path)))).flat());
  const go = await walkPackages(snapshot, [...roots], at.known);
  return {
    relevant: {
      paths: at.paths.map((path, i) => there[i]?.path ?? path),
      isGo: roots.size > 0,
      packages: go.packages,
      embeds: go.embeds,
      files: go.files,
    },
    absent: at.paths.filter((_, i) => there[i] === undefined),
    missing: go.missing,
  };
}

/** What is odd but no reason to stop. Throws when a path is nowhere, or own source is missing. */
function checked(graphs: readonly Graph[], paths: readonly string[], commits: readonly Commit[]): string[] {
  const nowhere = paths.find((path) => graphs.every((graph) => graph.absent.includes(path)));
  if (nowhere !== undefined)
    throw new SourceProblem(
      `path "${printable(nowhere)}" is at none of the ${commits.length} commits. Expected files or folders of the component, ` +
        `from the top of the repository. Next: correct the path.`,
    );
  const absent = paths.flatMap((path) => {
    const at = commits.filter((_, i) => graphs[i]!.absent.includes(path)).map(short);
    return at.length === 0 ? [] : [`path "${printable(path)}" is not there at ${at.join(', ')}`];
  });
  const missing = [...new Set(graphs.flatMap((graph) => graph.missing))].sort();
  const own = missing.find((path) => !isVendored(path));
  if (own !== undefined) throw new MissingSource(own);
  const few = missing.slice(0, 3).map(printable).join(', ');
  return missing.length === 0
    ? absent
    : [
        ...absent,
        `${missing.length} vendored Go files are missing (${few}): what they import is not followed`,
      ];
}

class MissingSource extends SourceProblem {
  constructor(path: string) {
    super(
      `${printable(path)} is missing in the repository: a whole clone is needed to read what the component imports ` +
        `(a partial one lacks files). Next: in the source run "git fetch --refetch" without --filter.`,
    );
  }
}

/** The commits that count on some line, with the lines where they do. */
function relevantCommits(history: History, graphs: readonly Graph[]): SurveyedCommit[] {
  const distinct = distinctGraphs(graphs);
  const lists = new Map<string, readonly number[]>();
  const byPath = new Map<string, readonly number[]>();
  const linesFor = (path: string) => {
    const known = byPath.get(path);
    if (known) return known;
    const lines = distinct.flatMap(({ relevant, lines }) => (isRelevant(path, relevant) ? lines : []));
    const list = shared(
      lists,
      lines.sort((a, b) => a - b),
    );
    byPath.set(path, list);
    return list;
  };
  return history.commits.flatMap(({ commit, subject, paths }) => {
    const each = new Set(paths.map(linesFor));
    const relevantTo = shared(
      lists,
      [...new Set([...each].flat())].sort((a, b) => a - b),
    );
    return relevantTo.length === 0
      ? []
      : [{ commit, subject, heldBy: history.heldBy.get(commit)!, relevantTo }];
  });
}

/** Neighbours are mostly built from the same packages: each set is judged once. */
function distinctGraphs(graphs: readonly Graph[]): { relevant: Relevant; lines: number[] }[] {
  const all = new Map<string, { relevant: Relevant; lines: number[] }>();
  for (const [line, { relevant }] of graphs.entries()) {
    const { paths, isGo, packages, embeds, files } = relevant;
    const key = JSON.stringify([paths, isGo, [...packages].sort(), [...embeds].sort(), [...files].sort()]);
    const one = all.get(key) ?? { relevant, lines: [] };
    one.lines.push(line);
    all.set(key, one);
  }
  return [...all.values()];
}
