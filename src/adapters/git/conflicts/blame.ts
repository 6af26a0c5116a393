import type { Touch } from '../../../core/assembly/assembly.ts';
import type { Span } from '../../../core/assembly/three-way.ts';
import type { Commit } from '../../../core/base/ids.ts';
import type { Ms } from '../../../core/base/instant.ts';
import { touchOf } from '../history/touch.ts';
import { MissingObject } from '../objects/git.ts';
import type { Store } from '../objects/store.ts';

/** The commit that last touched a line of a file, by number of the line from 0. */
export type Blamed = ReadonlyMap<number, Commit>;

const NOBODY: Blamed = new Map();
// One file of a long history takes about a second.
const BLAME_MS_MAX = 2_000;

/**
 * Who last touched lines of a file at a commit. Nobody when there are no such lines, `blob` is not what stands
 * there, or git fails or takes longer than `leftMs`.
 */
export async function blame(
  store: Store,
  at: {
    readonly commit: Commit;
    readonly path: Buffer;
    readonly blob: string;
    readonly spans: readonly Span[];
    readonly leftMs: Ms;
  },
): Promise<Blamed> {
  const spans = at.spans.filter((span) => span.to > span.from);
  const path = at.path.toString('utf8');
  // Arguments are text: a path of other bytes cannot be given.
  if (spans.length === 0 || at.leftMs <= 0 || !Buffer.from(path, 'utf8').equals(at.path)) return NOBODY;
  if (!(await isAt(store, at))) return NOBODY;
  const ranges = spans.flatMap((span) => ['-L', `${span.from + 1},${span.to}`]);
  const args = ['blame', '--porcelain', ...ranges, at.commit, '--', path];
  const ran = await store.git
    .run(args, { timeoutMs: Math.min(at.leftMs, BLAME_MS_MAX) })
    .catch(() => undefined);
  return ran?.code === 0 && !ran.truncated ? linesOf(ran.stdout.toString('latin1')) : NOBODY;
}

async function isAt(store: Store, at: { commit: Commit; path: Buffer; blob: string }): Promise<boolean> {
  const commit = await store.findCommit(at.commit);
  if (!commit) return false;
  const found = await store.trees.at(commit.tree, at.path.toString('latin1')).catch((problem) => {
    if (problem instanceof MissingObject) return undefined;
    throw problem;
  });
  return found?.id === at.blob;
}

/** Each line begins with the commit, its number there and its number here; what follows is about the commit. */
function linesOf(porcelain: string): Blamed {
  const found = porcelain.matchAll(/^([0-9a-f]{40,64}) \d+ (\d+)(?: \d+)?$/gm);
  return new Map([...found].map((match) => [Number(match[2]) - 1, match[1]!]));
}

const TOUCHES_MAX = 5;

/** The commits of these lines, newest first, at most five. */
export async function touchesOf(
  store: Store,
  blamed: Blamed,
  lines: readonly number[],
): Promise<readonly Touch[]> {
  const touches: Touch[] = [];
  for (const id of new Set(lines.flatMap((line) => blamed.get(line) ?? []))) {
    const commit = await store.findCommit(id);
    if (commit) touches.push(await touchOf(store, commit));
  }
  return touches.sort((a, b) => (a.at < b.at ? 1 : a.at > b.at ? -1 : 0)).slice(0, TOUCHES_MAX);
}
