import type { Proposal } from '../../../core/assembly/assembly.ts';
import { type Commit, short } from '../../../core/base/ids.ts';
import { epochMs, type Instant } from '../../../core/base/instant.ts';
import type { Known } from '../history/history.ts';
import { copiesOf } from '../history/signals.ts';
import { MissingObject } from '../objects/git.ts';
import { type Delta, deltaOf } from '../objects/merge.ts';
import type { Store } from '../objects/store.ts';
import type { Bench } from './memo-merge.ts';
import { lookAt } from './remedies.ts';
import { type How, type Resolved, resolveSteps } from './resolve-steps.ts';
import { titleOf } from './units.ts';

export type ReuseSearch = {
  readonly onto: Commit;
  readonly tree: string;
  /** The change's own commits. */
  readonly sources: readonly Commit[];
  /** Copies made later than this are not known yet. */
  readonly asOf?: Instant;
  readonly bench: Bench;
};

/** The same change as it was made for another line. `away`: commits between that line and this one. */
type Copy = { readonly commits: readonly Commit[]; readonly at: Commit; readonly away: number };

const TRIED_MAX = 8;
const PROPOSALS_MAX = 2;
const STRICT: How = { adjacent: false, leave: [] };
// Never side by side: where a copy's own edits stand already they would stand twice.
const HOWS: readonly How[] = [STRICT, { adjacent: false, leave: ['generated', 'docs'] }];

/**
 * Tries the change as people or this program made it for other lines, the nearest line first: whoever had the same
 * conflict there has solved it.
 */
export async function searchReuse(store: Store, search: ReuseSearch): Promise<Proposal[]> {
  const copies = (await copiesOnOtherLines(store, search)).slice(0, TRIED_MAX);
  const found = new Map<string, Proposal>();
  for (const how of HOWS) {
    for (const copy of copies) {
      if (search.bench.isOver() || found.size >= PROPOSALS_MAX) break;
      const resolved = await tryCopy(store, search, { copy, how });
      const tree = resolved?.trees.at(-1);
      if (!resolved || tree === undefined || tree === search.tree || found.has(tree)) continue;
      found.set(tree, await proposalOf(store, copy, resolved));
    }
    // A clean one is better than any that leaves something to be done.
    if (found.size > 0) break;
  }
  return [...found.values()];
}

/** The copies whose remedy gave the tree `wanted`, put on once more. */
export async function acceptReuse(
  store: Store,
  search: ReuseSearch,
  wanted: string,
): Promise<
  { readonly commits: readonly Commit[]; readonly look: string; readonly resolved: Resolved } | undefined
> {
  const copies = (await copiesOnOtherLines(store, search)).slice(0, TRIED_MAX);
  for (const how of HOWS)
    for (const copy of copies) {
      const resolved = await tryCopy(store, search, { copy, how });
      if (resolved?.trees.at(-1) === wanted)
        return { commits: copy.commits, look: compareWith(copy.at), resolved };
    }
  return undefined;
}

async function tryCopy(
  store: Store,
  { tree, bench }: ReuseSearch,
  { copy, how }: { readonly copy: Copy; readonly how: How },
): Promise<Resolved | undefined> {
  try {
    const steps: { delta: Delta }[] = [];
    for (const id of copy.commits) steps.push({ delta: await deltaOf(store, id) });
    return await resolveSteps(store, { tree, steps, how, bench });
  } catch (problem) {
    // What a clone lacks is no remedy here.
    if (problem instanceof MissingObject) return undefined;
    throw problem;
  }
}

async function copiesOnOtherLines(store: Store, search: ReuseSearch): Promise<Copy[]> {
  const { history } = store;
  await history.know([search.onto, ...search.sources]);
  const until = search.asOf === undefined ? Number.POSITIVE_INFINITY : epochMs(search.asOf) / 1_000;
  const copies = new Map<string, Copy>();
  for (const source of search.sources)
    for (const twin of await copiesOf(store, source, search.sources)) {
      if (twin.committedAt > until || history.isAncestor(twin.id, search.onto)) continue;
      if (await isOwnTrial(store, twin.id, search.onto)) continue;
      const copy = wholeCopy(store, twin, search, until);
      if (copy) copies.set(copy.commits.join(), copy);
    }
  return [...copies.values()].sort((a, b) => a.away - b.away || (a.at < b.at ? -1 : 1));
}

/** A candidate of ours for this very line, or one that was made by taking a proposal: no person's answer. */
async function isOwnTrial(store: Store, id: Commit, onto: Commit): Promise<boolean> {
  const { message } = await store.commit(id);
  return message.includes(`Fleetfix-Base: ${onto}`) || message.includes('Fleetfix-Remedy: ');
}

/**
 * All that the merge of a copy brought in, since people put what they adapted into commits of their own; without a
 * merge the copies of all sources on that line.
 */
function wholeCopy(
  { history }: Store,
  twin: Known,
  { sources, onto }: ReuseSearch,
  until: number,
): Copy | undefined {
  const merge =
    twin.parents.length > 1
      ? twin
      : history
          .mergesOf(twin.id)
          .filter((one) => one.committedAt <= until && !sources.some((id) => history.isAncestor(id, one.id)))
          .sort((a, b) => a.height - b.height)[0];
  const commits = merge ? history.broughtBy(merge.id).map((one) => one.id) : [twin.id];
  const isPart = !merge && sources.length > 1;
  if (isPart || commits.length === 0 || commits.length > sources.length * 3 + 5) return undefined;
  if (commits.some((id) => sources.includes(id) || history.isAncestor(id, onto))) return undefined;
  const before = merge?.parents[0] ?? twin.parents[0];
  if (before === undefined) return undefined;
  const away = history.within([before], [onto]).length + history.within([onto], [before]).length;
  return { commits, at: merge?.id ?? twin.id, away };
}

const compareWith = (at: Commit) =>
  `this is the change as it was made for another line (${short(at)}): compare it with the change itself`;

async function proposalOf(store: Store, copy: Copy, resolved: Resolved): Promise<Proposal> {
  return {
    kind: 'reuse',
    outcome: resolved.left.length === 0 ? 'clean' : 'incomplete',
    commits: copy.commits,
    subjects: copy.commits.map((id) => titleOf(store, id)),
    tree: resolved.trees.at(-1)!,
    passengers: { commits: 0, files: 0, lines: 0 },
    left: resolved.left,
    look: [compareWith(copy.at), ...lookAt(resolved)],
  };
}
