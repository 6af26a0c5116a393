import type { Digest } from '../base/ids.ts';
import type { RunningComponent } from '../fleet/control-plane.ts';
import { runningImage } from './convergence.ts';
import { familyOf } from './family.ts';
import { digestIn } from './image-ref.ts';
import type { ReportedPlane } from './inventory.ts';
import { containerOf, workloadLever } from './lever-state.ts';
import { markOf, nameOf } from './mark.ts';
import type { Look } from './memory.ts';
import type { Pod, Workload } from './objects.ts';
import { imageAppliers, ownersText } from './owners.ts';
import type { AgentSettings, ComponentSettings } from './settings.ts';
import { lastingUnready, stuckContainers } from './unhealthy.ts';

/** A workload of the management cluster that is a target of its own, e.g. the HyperShift Operator, and its pods. */
export type WorkloadSeen = { readonly workload: Workload; readonly pods: readonly Pod[] };

type Asked = Look & {
  readonly settings: AgentSettings;
  readonly component: ComponentSettings;
  /** What it ran when its lever was last seen unset. */
  readonly release?: Digest | undefined;
};

/**
 * A workload as a control plane of one component: its uid and `<name>.<namespace>`, so that plans, orders and coverage are the same for
 * it. It is on no release and no platform, which its version and platform say.
 */
export function planeOfWorkload({ workload, pods }: WorkloadSeen, it: Asked): ReportedPlane {
  const { settings, component, nowMs } = it;
  const { metadata, spec } = workload;
  const running = runningOf({ workload, pods }, it);
  const unhealthy = whyUnhealthy({ workload, pods }, { component, nowMs, sameImage: it.sameImage });
  const held =
    whyHeld(workload, component) ??
    (running === undefined ? `which image of ${component.name} it runs cannot be told` : undefined);
  return {
    uid: metadata.uid,
    name: nameOf(metadata),
    managementCluster: settings.managementCluster,
    region: settings.region,
    sector: settings.sector,
    customer: 'none',
    platform: 'management-cluster',
    version: 'none',
    availability:
      (spec?.replicas ?? 1) > 1 || workload.kind === 'DaemonSet' ? 'HighlyAvailable' : 'SingleReplica',
    components: running === undefined ? {} : { [component.name]: running },
    ...(unhealthy !== undefined && { unhealthy }),
    ...(held !== undefined && { held }),
  };
}

function runningOf(
  { workload, pods }: WorkloadSeen,
  { component, sameImage, release }: Asked,
): RunningComponent | undefined {
  const lever = workloadLever(workload, component);
  const override = lever.state === 'set' ? lever.digest : undefined;
  const before = digestIn(markOf(workload.metadata, component)?.before);
  const known = [before, release].filter((d) => d !== undefined);
  const { digest } = runningImage({ workloads: [workload], components: [], pods }, component, {
    known,
    sameImage,
  });
  const asked = digestIn(containerOf(workload, component)?.image);
  const without = override === undefined ? (digest ?? asked ?? release) : (before ?? release);
  if (without === undefined) return undefined;
  return {
    ...(digest !== undefined && { digest }),
    release: without,
    ...(override !== undefined && { override }),
  };
}

function whyUnhealthy(
  { workload, pods }: WorkloadSeen,
  { component, ...look }: Look & { readonly component: ComponentSettings },
): string | undefined {
  const family = familyOf({ workloads: [workload] }, component, { known: [], sameImage: look.sameImage });
  const wrong = [
    ...stuckContainers(pods, { isOurs: family.has, nowMs: look.nowMs }),
    ...lastingUnready(pods, look.nowMs),
  ];
  return wrong.length === 0 ? undefined : wrong.slice(0, 4).join('; ');
}

function whyHeld(workload: Workload, component: ComponentSettings): string | undefined {
  const { metadata } = workload;
  if (metadata.deletionTimestamp !== undefined)
    return `it is being deleted since ${metadata.deletionTimestamp}`;
  const container = component.workload?.container ?? '';
  if (containerOf(workload, component) === undefined)
    return `it has no container ${JSON.stringify(container)}`;
  const appliers = imageAppliers(metadata, container);
  return appliers.length === 0
    ? undefined
    : `its image is applied by ${ownersText(appliers)}, who would put it back`;
}
