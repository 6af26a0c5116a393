import type { PickRow } from '../../../core/assembly/explanation.ts';
import type { Commit } from '../../../core/base/ids.ts';
import { SourceProblem } from '../../../ports/repository.ts';
import { GitFailure } from '../objects/git.ts';
import type { Delta } from '../objects/merge.ts';
import { pathText } from '../objects/path-text.ts';
import type { Store } from '../objects/store.ts';
import { visibleLines } from '../objects/visible-text.ts';

/** How two changes compare. `lines`: the difference of their patches, as `git range-diff` writes it. */
export type Compared = {
  readonly mark: Extract<PickRow['mark'], '=' | '!' | '?'>;
  readonly because?: string;
  readonly lines: readonly string[];
};

/** Of one pair of commits. */
const LIMITS = { timeoutMs: 10_000, keepBytesMax: 2 * 1024 * 1024 };

/**
 * Compares what a source commit does with what its candidate commit does, by `git range-diff`. Messages are left out:
 * a candidate's has trailers of its own. What cannot be compared is said, not thrown.
 */
export async function comparePick(store: Store, source: Delta, candidate: Delta): Promise<Compared> {
  if (source.from === candidate.from && source.to === candidate.to) return { mark: '=', lines: [] };
  try {
    const ranges = [source, candidate].map((delta) => rangeOf(store, delta));
    const ran = await store.git.run(['range-diff', ...WAYS, ...ranges], LIMITS);
    if (ran.code !== 0) return { mark: '?', because: 'git could not compare it with its source', lines: [] };
    const { mark, lines } = read(ran.stdout);
    if (mark === '!') return { mark, lines };
    const binary = await binaryDifference(store, source, candidate);
    return binary === undefined
      ? { mark: '=', lines: [] }
      : { mark: '!', because: `the binary file ${binary} is another one than in its source`, lines: [] };
  } catch (problem) {
    if (problem instanceof GitFailure)
      return { mark: '?', because: 'comparing it with its source took too long', lines: [] };
    if (problem instanceof SourceProblem) return { mark: '?', because: problem.message, lines: [] };
    throw problem;
  }
}

// It is known which belongs to which, so git must not judge them too different to be a pair.
const WAYS = ['--no-color', '--no-notes', '--creation-factor=999'];
const NOBODY = 'fleetfix <fleetfix@localhost> 0 +0000';

/** A range of one made-up commit that does this. */
function rangeOf(store: Store, delta: Delta): string {
  const write = (tree: string, parents: readonly Commit[]) =>
    store.writeCommit({ tree, parents, author: NOBODY, committer: NOBODY, message: 'change\n' });
  const before = write(delta.from, []);
  return `${before}..${write(delta.to, [before])}`;
}

/** `1:  <id> ! 1:  <id> change`, then the difference, indented by four. Two headers: git made no pair of them. */
function read(bytes: Buffer): { readonly mark: '=' | '!'; readonly lines: string[] } {
  const lines = visibleLines(bytes);
  const isSame = lines.length === 1 && /^ *\d+: +[0-9a-f]+ = /.test(lines[0] ?? '');
  return {
    mark: isSame ? '=' : '!',
    lines: lines.filter((line) => line.startsWith('    ')).map((line) => line.slice(4)),
  };
}

const BINARIES_MAX = 50;
const BLOB_BYTES_MAX = 8 * 1024 * 1024;

/** A path both change to different contents of which one is binary: range-diff only says that they differ from before. */
async function binaryDifference(store: Store, source: Delta, candidate: Delta): Promise<string | undefined> {
  const theirs = new Map((await store.trees.changed(source.from, source.to)).map((one) => [one.path, one]));
  const ours = await store.trees.changed(candidate.from, candidate.to);
  const differ = ours.filter(
    ({ path, to }) => to && theirs.get(path)?.to && theirs.get(path)?.to?.id !== to.id,
  );
  for (const { path, to } of differ.slice(0, BINARIES_MAX))
    if (to?.type === 'blob' && (await isBinary(store, to.id))) return pathText(Buffer.from(path, 'latin1'));
  return undefined;
}

/** As git judges it: a zero byte near the start. */
async function isBinary(store: Store, blob: string): Promise<boolean> {
  const found = await store.find(blob);
  if (!found || found.size > BLOB_BYTES_MAX) return false;
  const { body } = (await store.read(blob)) ?? {};
  return body?.subarray(0, 8_000).includes(0) ?? false;
}
