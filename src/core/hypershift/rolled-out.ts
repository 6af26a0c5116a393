import type { Workload } from './objects.ts';

/**
 * Why a workload is not rolled out; undefined when it is: its controller has seen the template, and as many pods as
 * are wanted are of it and ready, with none besides (the rule of support/podspec/deployment.go).
 */
export function whyNotRolledOut(workload: Workload): string | undefined {
  const name = `${workload.kind} ${workload.metadata.name}`;
  const { generation } = workload.metadata;
  const observed = workload.status?.observedGeneration;
  if (generation === undefined || observed === undefined || observed < generation)
    return `${name}: its controller has not seen the change yet`;
  const { wanted, there, updated, ready, unavailable } = numbersOf(workload);
  if (updated < wanted) return `${name}: ${updated} of ${wanted} pods are updated`;
  if (there > wanted) return `${name}: ${there - wanted} earlier pods are still there`;
  if (ready < wanted || unavailable > 0)
    return `${name}: ${Math.min(ready, wanted)} of ${wanted} pods are ready`;
  return undefined;
}

/** How many pods of a workload there are to be. */
export const wantedPods = (workload: Workload): number => numbersOf(workload).wanted;

function numbersOf({ kind, spec, status = {} }: Workload) {
  if (kind === 'DaemonSet')
    return {
      wanted: status.desiredNumberScheduled ?? 0,
      there: status.desiredNumberScheduled ?? 0,
      updated: status.updatedNumberScheduled ?? 0,
      ready: status.numberReady ?? 0,
      unavailable: status.numberUnavailable ?? 0,
    };
  return {
    wanted: spec?.replicas ?? 1,
    there: status.replicas ?? 0,
    updated: status.updatedReplicas ?? 0,
    ready: status.readyReplicas ?? 0,
    unavailable: status.unavailableReplicas ?? 0,
  };
}
