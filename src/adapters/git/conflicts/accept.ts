import type { Proposal } from '../../../core/assembly/assembly.ts';
import { type Commit, short } from '../../../core/base/ids.ts';
import { type AssemblyWork, SourceProblem } from '../../../ports/repository.ts';
import type { Step } from '../change/steps.ts';
import { deltaOf } from '../objects/merge.ts';
import type { Store } from '../objects/store.ts';
import { openBench } from './memo-merge.ts';
import type { Stuck } from './propose.ts';
import { acceptRemedy, lookAt } from './remedies.ts';
import type { Resolved } from './resolve-steps.ts';
import { acceptReuse } from './reuse.ts';

/** A proposal that was taken: what is put on and the tree after each, and what a person must still look at. */
export type Accepted = {
  readonly picks: readonly { readonly step: Step; readonly tree: string }[];
  readonly warnings: readonly string[];
  /** Paths that stay as the line has them until they are made again. */
  readonly left: Proposal['left'];
};

/**
 * Does once more the remedy a person took. Throws `SourceProblem` when it does not give the tree they looked
 * at: the repository has moved on, or the tree was never proposed.
 */
export async function accept(
  store: Store,
  stuck: Stuck,
  wanted: NonNullable<AssemblyWork['accept']>,
): Promise<Accepted> {
  const { tree, steps, onto, asOf } = stuck;
  const bench = openBench(store, stuck.searchMs, stuck.rules);
  if (wanted.kind !== 'reuse') {
    const resolved = await acceptRemedy(store, {
      tree,
      steps,
      bench,
      kind: wanted.kind,
      wanted: wanted.tree,
    });
    if (!resolved) throw isNoMore(wanted, onto);
    return acceptedOf(steps, resolved);
  }
  const sources = steps.map((step) => step.source);
  const search = { onto, tree, sources, bench, ...(asOf === undefined ? {} : { asOf }) };
  const found = await acceptReuse(store, search, wanted.tree);
  if (!found) throw isNoMore(wanted, onto);
  const { fix } = steps[0] ?? {};
  const reused: Step[] = [];
  for (const source of found.commits)
    reused.push({ source, delta: await deltaOf(store, source), isRevert: false, ...(fix && { fix }) });
  const accepted = acceptedOf(reused, found.resolved);
  return { ...accepted, warnings: [found.look, ...accepted.warnings] };
}

function acceptedOf(steps: readonly Step[], resolved: Resolved): Accepted {
  return {
    picks: steps.map((step, i) => ({ step, tree: resolved.trees[i]! })),
    warnings: lookAt(resolved),
    left: resolved.left,
  };
}

const isNoMore = ({ kind, tree }: NonNullable<AssemblyWork['accept']>, onto: Commit) =>
  new SourceProblem(
    `the proposal ${kind} with tree ${short(tree)} is not what ${kind} gives on ${short(onto)} (any more). ` +
      'Expected the kind and the tree of a proposal of this assembly. Next: assemble again and take one that is offered.',
  );
