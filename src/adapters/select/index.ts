import { join } from 'node:path';
import { sha256 } from '../../core/base/hash.ts';
import { type Commit, isCommit } from '../../core/base/ids.ts';
import { SourceProblem } from '../../ports/repository.ts';
import type { Trees } from '../../ports/trees.ts';
import { readBlobs } from './blobs.ts';
import { firstLine, type Git, gitIn } from './git.ts';
import { openMemo } from './memo.ts';
import { readWanted } from './read.ts';
import { surveyTrees } from './survey.ts';
import { readRange } from './trees.ts';

/**
 * Opens a repository on this machine, over its own git: 2.38 or newer. `cacheDir`: where what was read is remembered.
 * Throws a `SourceProblem` when it is none.
 */
export async function openTrees(location: string, options: { readonly cacheDir: string }): Promise<Trees> {
  const git = gitIn(location);
  const memo = openMemo(join(options.cacheDir, 'imports', `${sha256(git.dir).slice(0, 24)}.txt`));
  return {
    resolve: (range) => resolveRange(git, range),
    async survey(from, to) {
      const range = await readRange(git, from, to, (ids) => linksOf(git, ids));
      const survey = await surveyTrees(range, (wanted) => readWanted(git, wanted, memo));
      memo.save();
      return survey;
    },
  };
}

async function resolveRange(git: Git, text: string): ReturnType<Trees['resolve']> {
  const parts = /^(.+?)(\.\.\.?)([^.].*|)$/s.exec(text);
  if (!parts) throw new SourceProblem(`--range ${text}: expected A..B, two commits, branches or tags`);
  const [, a = '', dots, b = ''] = parts;
  const [from, to] = await Promise.all([commitOf(git, a), commitOf(git, b || 'HEAD')]);
  const base = await git.run(['merge-base', from, to]);
  const parted = base.stdout.toString('latin1').trim();
  if (dots === '...') {
    if (isCommit(parted)) return { from: parted, to, warnings: [] };
    throw new SourceProblem(`--range ${text}: the two have no commit in common`);
  }
  const warnings =
    parted === from
      ? []
      : [`${a} is not before ${b || 'HEAD'}: what only ${a} has counts as taken away; A...B leaves it out`];
  return { from, to, warnings };
}

async function commitOf(git: Git, name: string): Promise<Commit> {
  const ran = await git.run(['rev-parse', '--verify', '--quiet', '--end-of-options', `${name}^{commit}`]);
  const id = ran.stdout.toString('latin1').trim();
  if (ran.code === 0 && isCommit(id)) return id;
  const said = firstLine(ran.stderr);
  throw new SourceProblem(
    `--range: ${name} is no commit of the repository${said ? ` (${said})` : ''}; expected a commit id, branch or tag`,
  );
}

const LINK_BYTES = 4_096;

async function linksOf(git: Git, ids: readonly string[]): Promise<ReadonlyMap<string, Buffer>> {
  const found = new Map<string, Buffer>();
  await readBlobs(git, ids, LINK_BYTES, (id, blob) => {
    if (blob) found.set(id, blob.bytes);
  });
  return found;
}
