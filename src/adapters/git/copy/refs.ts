import type { Commit } from '../../../core/base/ids.ts';
import { firstLine, type Git, GitFailure } from '../objects/git.ts';

/** Full ref names to object ids. */
export type Refs = ReadonlyMap<string, string>;

/** All refs under the prefixes; without any, all of the repository. Reads no objects. */
export async function readRefs(git: Git, prefixes: readonly string[] = []): Promise<Refs> {
  const out = await git.read(['for-each-ref', '--format=%(objectname) %(refname)', '--', ...prefixes]);
  const lines = out.toString('utf8').split('\n').filter(Boolean);
  return new Map(lines.map((line) => [line.slice(line.indexOf(' ') + 1), line.slice(0, line.indexOf(' '))]));
}

/**
 * Makes `ours` equal `wanted`, touching nothing else. Removals go first and apart, since a branch
 * `a` and its successor `a/b` cannot be in one transaction. Returns how many changed; throws
 * `GitFailure` when an object that is pointed at is missing.
 */
export async function alignRefs(git: Git, ours: Refs, wanted: Refs): Promise<number> {
  const gone = [...ours.keys()].filter((name) => !wanted.has(name));
  const changed = [...wanted].filter(([name, id]) => ours.get(name) !== id);
  await transact(
    git,
    gone.map((name) => `delete ${name}\0\0`),
  );
  await transact(
    git,
    changed.map(([name, id]) => `update ${name}\0${id}\0\0`),
  );
  return gone.length + changed.length;
}

async function transact(git: Git, lines: readonly string[]): Promise<void> {
  if (lines.length === 0) return;
  const ran = await git.run(['update-ref', '--no-deref', '--stdin', '-z'], { input: lines.join('') });
  if (ran.code !== 0) throw new GitFailure(`the refs of ${git.dir} were not moved: ${firstLine(ran.stderr)}`);
}

/** Where a ref points, or undefined when there is none. */
export async function refAt(git: Git, name: string): Promise<Commit | undefined> {
  const ran = await git.run(['rev-parse', '--verify', '--quiet', '--end-of-options', name]);
  return ran.code === 0 ? ran.stdout.toString('latin1').trim() : undefined;
}

/** Moves one ref, whatever it was; whole or not at all. */
export async function moveRef(git: Git, name: string, to: Commit): Promise<void> {
  await transact(git, [`update ${name}\0${to}\0\0`]);
}
