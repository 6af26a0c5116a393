import { join, resolve } from 'node:path';
import type { Commit } from '../../../core/base/ids.ts';
import type { ScopeChange } from '../../../core/scope/change.ts';
import type { ChangeSource } from '../../../ports/change-source.ts';
import { SourceProblem } from '../../../ports/repository.ts';
import { refreshCopy } from '../copy/copy.ts';
import { locate } from '../copy/location.ts';
import { firstLine, type Git, gitAt, printable } from '../objects/git.ts';
import { gitVersion } from '../objects/version.ts';
import { readFiles } from './files.ts';
import { readMessages } from './messages.ts';
import { readNeighbours } from './neighbours.ts';

/**
 * Ranges of repositories over the machine's git. A folder is read where it is; of a URL a copy is kept below
 * `dir`.
 */
export function createChangeSource({ dir }: { readonly dir: string }): ChangeSource {
  return {
    async read(location, range) {
      await gitVersion();
      const at = locate(location);
      const git =
        at.kind === 'folder' ? gitAt(at.gitDir) : (await refreshCopy(join(resolve(dir), 'copies'), at)).git;
      return readRange(git, range);
    },
  };
}

/** The same over a git that is open already. */
export async function readRange(git: Git, range: Parameters<ChangeSource['read']>[1]): Promise<ScopeChange> {
  const [start, to] = await Promise.all([commitOf(git, range.from), commitOf(git, range.to)]);
  const fork = await forkOf(git, start, to);
  if (range.isFromFork && fork === undefined)
    throw new SourceProblem(
      `${range.from}...${range.to}: the two have no commit in common. Next: give A..B.`,
    );
  const from = range.isFromFork ? fork! : start;
  const [read, messages] = await Promise.all([readFiles(git, from, to), readMessages(git, from, to)]);
  const neighbours = await readNeighbours(git, to, read.files);
  const warnings = [
    ...(from === fork ? [] : [apart(range, fork)]),
    ...(read.files.length === 0 ? ['the range changes no file'] : []),
    ...read.warnings,
    ...messages.warnings,
    ...neighbours.warnings,
  ];
  return {
    from,
    to,
    title: messages.title,
    messages: messages.all,
    commits: messages.count,
    files: read.files,
    neighbours: neighbours.files,
    warnings,
  };
}

const apart = (range: { readonly from: string; readonly to: string }, fork: Commit | undefined): string =>
  `${range.from} is no ancestor of ${range.to}: what only it has counts as taken away` +
  (fork === undefined ? '' : `; next: ${range.from}...${range.to} compares with where they went apart`);

/** Where the histories meet; undefined when they do not. */
async function forkOf(git: Git, a: Commit, b: Commit): Promise<Commit | undefined> {
  const ran = await git.run(['merge-base', a, b]);
  return ran.code === 0 ? ran.stdout.toString('latin1').trim() : undefined;
}

/** A branch of a source that was copied stands below `origin/`. */
async function commitOf(git: Git, name: string): Promise<Commit> {
  let said = '';
  for (const start of [name, `refs/remotes/origin/${name}`]) {
    const ran = await git.run(['rev-parse', '--verify', '--end-of-options', `${start}^{commit}`]);
    if (ran.code === 0) return ran.stdout.toString('latin1').trim();
    if (/ambiguous/.test(ran.stderr)) said ||= `: ${firstLine(ran.stderr)}`;
  }
  throw new SourceProblem(
    `commit ${printable(name)} does not exist in the repository${said}: expected a commit id, branch or tag that it holds`,
  );
}
