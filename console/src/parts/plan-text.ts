import type { PlanView } from '../../../src/core/views/plan-view.ts';
import { countText, durationText } from '../words.ts';

/** `Needs 2 approvals by people with the role approver, not by mrossi (author): 0 given.` */
export function approvalsText({ needs }: PlanView): string {
  const { count, role, given, notBy } = needs;
  return `Needs ${countText(count, 'approval')} by people with the role ${role}, not by ${notBy} (author): ${given.length} given.`;
}

/** The budget against what the incident asks for, and what follows from it. */
export function budgetText({ harmBudget, computedBudget }: PlanView): string {
  const asks = `The incident asks for ${computedBudget.toLocaleString('en')}`;
  if (harmBudget > computedBudget)
    return `${asks}; this is more, so one more person must approve for every doubling of it.`;
  if (harmBudget < computedBudget) return `${asks}; this is less, and slower.`;
  return `${asks}, and so does the plan.`;
}

export function exposedText({ exposed, inPlan, notInPlan, native }: PlanView): string {
  const all = `${countText(exposed, 'control plane')}; ${inPlan.toLocaleString('en')} in this plan, ${notInPlan.toLocaleString('en')} not`;
  return native === 0 ? all : `${all}; ${native.toLocaleString('en')} more have it by their release`;
}

/** Who is compared with whom, as far as the plan fixes it. */
export function controlsText({ controls }: PlanView): string {
  const waiting = 'those that still wait';
  return controls === 0
    ? `with ${waiting}; none is kept back`
    : `with ${waiting}, and with ${countText(controls, 'control plane')} the plan does not touch`;
}

/** Hard limits beside the evidence. */
export function limitsText({ inFlightPerManagementCluster, maxPerHour, minSoakMs }: PlanView): string[] {
  return [
    `at most ${inFlightPerManagementCluster} at once on one management cluster`,
    ...(maxPerHour === undefined ? [] : [`at most ${countText(maxPerHour, 'start')} in any hour`]),
    ...(minSoakMs === 0 ? [] : [`none counts as evidence before it has run for ${durationText(minSoakMs)}`]),
  ];
}

/** What a stage waits for before the next; empty: nothing of its own. */
export function stageWaits({ soakMs, approval }: PlanView['stages'][number]): string {
  const parts = [
    ...(soakMs === 0 ? [] : [`${durationText(soakMs)} of soak`]),
    ...(approval ? ["a person's word"] : []),
  ];
  return parts.join(', then ');
}
