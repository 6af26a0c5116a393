import type { Digest, Uid } from '../core/base/ids.ts';
import type { Ms } from '../core/base/instant.ts';
import type { ControlPlane } from '../core/fleet/control-plane.ts';
import type { Report, ReportedImage } from '../core/fleet/report.ts';
import { HEARTBEAT_EVERY_MS, REPORT_EVERY_MS } from './world-spec.ts';
import { type Cluster, isHeld, isLost, isSilentNow, type Plane, type State } from './world-state.ts';

export type PlaneReport = Omit<ControlPlane, 'reportedAt'>;

/** When agents next look whether there is something to say; Infinity never, since heartbeats go on. */
export function nextLookMs(state: State, lookedAtMs: Ms | undefined): Ms {
  let dueMs = state.queue.firstAtMs();
  for (const cluster of state.clusters.values()) dueMs = Math.min(dueMs, dueAtMs(state, cluster));
  const looked = lookedAtMs === undefined ? 0 : lookedAtMs + REPORT_EVERY_MS;
  return Math.max(looked, Math.ceil(dueMs / REPORT_EVERY_MS) * REPORT_EVERY_MS);
}

/** Whether the agent has something to say now: something new, or nothing for as long as a heartbeat. */
export const isDue = (state: State, cluster: Cluster): boolean => dueAtMs(state, cluster) <= state.nowMs;

function dueAtMs(state: State, cluster: Cluster): Ms {
  if (isSilentNow(state, cluster)) return cluster.silentUntilMs;
  const { full, changed, gone, refused } = cluster.unsaid;
  const isFresh = full || changed.size > 0 || gone.length > 0 || refused.length > 0;
  return isFresh || cluster.spokeAtMs === undefined
    ? state.nowMs
    : cluster.spokeAtMs + (state.founding.nature.heartbeatEveryMs ?? HEARTBEAT_EVERY_MS);
}

/** Takes what the agent has to say now out of it. When it does not arrive, the next must be full. */
export function takeReport(state: State, cluster: Cluster): Report {
  const { unsaid } = cluster;
  const report = unsaid.full ? fullReport(state, cluster) : deltaReport(state, cluster);
  for (const image of report.images) cluster.seen.add(image.digest);
  unsaid.full = false;
  unsaid.changed.clear();
  unsaid.gone = [];
  unsaid.refused = [];
  cluster.spokeAtMs = state.nowMs;
  return report;
}

function deltaReport(state: State, cluster: Cluster): Report {
  const changed = [...cluster.unsaid.changed].sort().map((uid) => state.planes.get(uid)!);
  return {
    managementCluster: cluster.name,
    planes: changed.filter((plane) => !isLost(state, plane)).map((plane) => reportPlane(state, plane)),
    gone: cluster.unsaid.gone,
    lost: lostOf(state, cluster),
    images: imagesOf(state, changed).filter((image) => !cluster.seen.has(image.digest)),
    refused: cluster.unsaid.refused,
  };
}

/** Everything the agent knows, the latest deletions and refusals among it. */
export function fullReport(state: State, cluster: Cluster): Report {
  const planes = [...cluster.planes].sort().map((uid) => state.planes.get(uid)!);
  return {
    managementCluster: cluster.name,
    full: true,
    planes: planes.filter((plane) => !isLost(state, plane)).map((plane) => reportPlane(state, plane)),
    gone: [...cluster.gone],
    lost: lostOf(state, cluster),
    images: imagesOf(state, planes),
    refused: [...cluster.refused],
  };
}

/** Named in every report for as long as it lasts: a report speaks for every control plane it does not name here. */
function lostOf(state: State, cluster: Cluster): Uid[] {
  const lost: Uid[] = [];
  for (const uid of cluster.planes) if (isLost(state, state.planes.get(uid)!)) lost.push(uid);
  return lost.sort();
}

export function reportPlane(state: State, plane: Plane): PlaneReport {
  const { image, stall, other } = plane.ailments;
  const unhealthy = image ?? stall ?? other;
  return {
    uid: plane.uid,
    name: plane.name,
    managementCluster: plane.managementCluster,
    region: plane.region,
    sector: plane.sector,
    customer: plane.customer,
    platform: plane.platform,
    version: plane.version,
    availability: plane.availability,
    components: {
      [state.founding.fleet.component]: {
        ...(plane.digest === undefined ? {} : { digest: plane.digest }),
        release: plane.release,
        ...(plane.override === undefined ? {} : { override: plane.override }),
      },
    },
    ...(unhealthy === undefined ? {} : { unhealthy }),
    ...(plane.upgrading === undefined ? {} : { upgrading: true }),
    ...(isHeld(state, plane) ? { paused: true } : {}),
  };
}

/** The images of these control planes that the registry knows, with the commit of their label. */
function imagesOf(state: State, planes: readonly Plane[]): ReportedImage[] {
  const digests = new Set<Digest | undefined>();
  for (const plane of planes) digests.add(plane.digest).add(plane.release).add(plane.override);
  const images: ReportedImage[] = [];
  for (const digest of digests) {
    const image = digest === undefined ? undefined : state.images.get(digest);
    if (image === undefined) continue;
    const { commit } = image;
    images.push({
      digest: image.digest,
      component: image.component,
      ...(commit === undefined ? {} : { commit }),
    });
  }
  return images.sort((a, b) => (a.digest < b.digest ? -1 : 1));
}
