import type { Commit } from '../../../core/base/ids.ts';
import type { GateRun } from './gate-run.ts';

/**
 * The candidate without this fix: what is deployed, and on it the fixes that the candidate carries besides. Prerequisites
 * belong to the fix: without it nobody would have taken them.
 */
export async function beforeFix({ repository, it, task, component }: GateRun): Promise<Commit> {
  const { line, assembly } = it.fix.lines[task.line]!;
  if (line.carries.length === 0 || assembly === undefined) return line.base;
  const own = new Set(await repository.commitsOf(it.fix.change, component.branch));
  const passengers = new Set(assembly.passengers);
  const steps = assembly.picked.filter((commit) => own.has(commit) || passengers.has(commit)).length;
  return (steps > 0 ? await repository.resolve(`${task.commit}~${steps}`) : undefined) ?? line.base;
}
