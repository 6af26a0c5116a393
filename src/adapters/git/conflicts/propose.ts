import type { Conflict, Proposal } from '../../../core/assembly/assembly.ts';
import { type PathRules, pathClass } from '../../../core/assembly/path-class.ts';
import type { Commit } from '../../../core/base/ids.ts';
import type { Instant, Ms } from '../../../core/base/instant.ts';
import type { Step } from '../change/steps.ts';
import type { Store } from '../objects/store.ts';
import { explainConflicts } from './explain.ts';
import { openBench, shorter } from './memo-merge.ts';
import { searchPrerequisites } from './prerequisites.ts';
import { proposeRemedies } from './remedies.ts';
import { searchReuse } from './reuse.ts';
import type { NotClean } from './sides.ts';

export type Stuck = {
  readonly onto: Commit;
  /** The tree before the change. */
  readonly tree: string;
  /** The steps that must go on: all of the change but what the line has. */
  readonly steps: readonly Step[];
  readonly stopped: { readonly step: Step; readonly merged: NotClean };
  readonly asOf?: Instant;
  readonly searchMs: Ms;
  readonly rules: PathRules;
};

// Who touched the lines is worth waiting for even when no remedy is looked for.
const EXPLAIN_MS = 2_000;

/** Every hunk of the conflict, explained. */
export function explain(store: Store, { onto, stopped, rules }: Stuck): Promise<Conflict[]> {
  return explainConflicts(store, {
    ...stopped,
    onto,
    searchMs: EXPLAIN_MS,
    classOf: (path) => pathClass(path, rules),
  });
}

/**
 * Every remedy that works, each tried for real, within `searchMs`: cheap ones first, and the search for
 * prerequisites with what time is left.
 */
export async function propose(
  store: Store,
  stuck: Stuck,
): Promise<{ readonly proposals: readonly Proposal[]; readonly warnings: readonly string[] }> {
  if (stuck.searchMs <= 0) return { proposals: [], warnings: [] };
  const { onto, tree, steps, stopped, asOf } = stuck;
  const bench = openBench(store, stuck.searchMs, stuck.rules);
  const remedies = await proposeRemedies(store, { tree, steps, bench: shorter(bench, stuck.searchMs / 3) });
  const isOfCommits = steps.every((step) => !step.isRevert && step.made !== 'loosely');
  if (!isOfCommits) return { proposals: remedies, warnings: [] };
  const sources = steps.map((step) => step.source);
  const reused = await searchReuse(store, {
    onto,
    tree,
    sources,
    ...(asOf === undefined ? {} : { asOf }),
    bench: shorter(bench, stuck.searchMs / 3),
  });
  const from = (await store.commit(steps[0]?.source ?? stopped.step.source)).parents[0];
  const earlier =
    from === undefined
      ? { proposals: [], warnings: [] }
      : await searchPrerequisites(store, { onto, from, tree, steps, bench });
  return { proposals: [...earlier.proposals, ...reused, ...remedies], warnings: earlier.warnings };
}
