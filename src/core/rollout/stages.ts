import type { Ms } from '../base/instant.ts';
import { limitOf } from '../base/limit.ts';
import type { ControlPlane } from '../fleet/control-plane.ts';
import { type Selector, selects } from '../fleet/selector.ts';
import type { Stage, Target } from './plan.ts';

/**
 * A stage as a policy names it: so many of those that are left, a share of all in percent, or those a selector
 * picks. `approval`: the next stage waits for a person's word.
 */
export type StageSpec = {
  readonly name: string;
  readonly soakMs: Ms;
  readonly approval: boolean;
  readonly take: { readonly count: number } | { readonly percent: number } | { readonly selector: Selector };
};

/** A target-to-be beside the control plane it is, in the plan's order. */
export type Staged = { readonly target: Omit<Target, 'stage'>; readonly plane: ControlPlane };

/**
 * The targets with their stages, in the order they came in; stages that got nobody are left out. What no stage takes is
 * the last one. A size that cannot be read counts as 1, never as all.
 */
export function inStages(
  ordered: readonly Staged[],
  specs: readonly StageSpec[],
): { readonly staged: Target[]; readonly stages: Stage[] } {
  const stageOf = new Map<Staged, number>();
  const stages: Stage[] = [];
  for (const spec of specs) {
    const left = ordered.filter((t) => !stageOf.has(t));
    const mine = taken(left, spec, ordered.length);
    if (mine.length === 0) continue;
    stages.push({ name: spec.name, size: mine.length, soakMs: spec.soakMs, approval: spec.approval });
    for (const t of mine) stageOf.set(t, stages.length);
  }
  const rest = ordered.length - stageOf.size;
  if (rest > 0 || stages.length === 0)
    stages.push({ name: stages.length === 0 ? 'all' : 'rest', size: rest, soakMs: 0, approval: false });
  const staged = ordered.map((t) => ({ ...t.target, stage: stageOf.get(t) ?? stages.length }));
  return { staged, stages };
}

function taken(left: readonly Staged[], { take }: StageSpec, total: number): readonly Staged[] {
  if ('selector' in take) return left.filter((t) => selects(take.selector, t.plane));
  const wanted = 'count' in take ? take.count : Math.ceil((total * take.percent) / 100);
  return left.slice(0, limitOf(wanted, 1));
}
