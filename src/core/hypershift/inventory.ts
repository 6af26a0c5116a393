import type { Digest } from '../base/ids.ts';
import type { ControlPlane, RunningComponent } from '../fleet/control-plane.ts';
import { runningImage } from './convergence.ts';
import { type GuardSubject, unhealthyBecause } from './guard-checks.ts';
import { heldBecause } from './guards.ts';
import { digestIn } from './image-ref.ts';
import { isInPlace, leverOf, namesImage } from './lever-state.ts';
import { markOf, nameOf } from './mark.ts';
import { type Look, type Memory, stillPut } from './memory.ts';
import type { Hosted } from './objects.ts';
import { pausedBecause, releaseStateOf } from './release-state.ts';
import type { AgentSettings, ComponentSettings } from './settings.ts';
import { releaseImageOf } from './upgrade.ts';

/** A control plane as an agent reports it; the hub adds when it heard it. */
export type ReportedPlane = Omit<ControlPlane, 'reportedAt'>;

/**
 * What a hosted cluster is, runs and suffers from, as it stands.
 *
 * `nowMs`: the hub's clock as far as it is known. `sameImage`: from a platform's digest to its index.
 * `memory`: what `remember` gave at the last look; absent at the first.
 */
export function planeOf(
  hosted: Hosted,
  settings: AgentSettings,
  { memory, ...look }: Look & { readonly memory?: Memory | undefined },
): ReportedPlane {
  const { metadata, spec } = hosted.cluster;
  const own = settings.components.filter((c) => c.lever !== 'workload-image');
  const { version, upgrading } = releaseStateOf(hosted);
  const subjects = own.map(
    (component): GuardSubject => ({
      hosted,
      component,
      ...look,
      usual: settings.usual,
      ...(memory && { memory }),
    }),
  );
  const unhealthy = subjects[0] && unhealthyBecause(subjects[0], own);
  const components = own.flatMap((c) => {
    const running = runningComponent(hosted, c, { ...look, memory });
    return running === undefined ? [] : [[c.name, running] as const];
  });
  const held = heldOf(
    subjects,
    settings,
    components.map(([name]) => name),
  );
  return {
    uid: metadata.uid,
    name: nameOf(metadata),
    managementCluster: settings.managementCluster,
    region: settings.region,
    sector: settings.sector,
    customer: customerOf(hosted, settings),
    platform: (spec?.platform?.type ?? 'unknown').toLowerCase(),
    version,
    availability:
      spec?.controllerAvailabilityPolicy === 'SingleReplica' ? 'SingleReplica' : 'HighlyAvailable',
    components: Object.fromEntries(components),
    ...(unhealthy !== undefined && { unhealthy }),
    ...(upgrading && { upgrading }),
    ...(pausedBecause(hosted.cluster, look.nowMs) !== undefined && { paused: true }),
    ...(held !== undefined && { held }),
  };
}

function heldOf(
  subjects: readonly GuardSubject[],
  settings: AgentSettings,
  known: readonly string[],
): string | undefined {
  for (const it of subjects) {
    const { name } = it.component;
    const because = heldBecause(it, settings.accepted);
    if (because !== undefined) return because;
    if (!known.includes(name)) return `which image of ${name} it runs cannot be told`;
  }
  return undefined;
}

/** Undefined when nothing tells what it runs or ran: a digest is not made up. */
function runningComponent(
  hosted: Hosted,
  component: ComponentSettings,
  { memory, sameImage, releaseDigest }: Look & { readonly memory: Memory | undefined },
): RunningComponent | undefined {
  const earlier = memory?.components[component.name];
  const lever = leverOf(hosted, component);
  const mark = markOf(hosted.cluster.metadata, component);
  const before = digestIn(mark?.before);
  const override = lever.state === 'set' ? lever.digest : undefined;
  const known = [...(earlier?.seen ?? []), before, override].filter((d): d is Digest => d !== undefined);
  const { digest } = runningImage(hosted, component, { known, sameImage });
  // Where an upgrade or we took the lever away, our image goes on running until the pods roll, and is no release.
  const isOurs =
    mark !== undefined &&
    (isInPlace(mark, lever) || namesImage(mark, digest) || stillPut(earlier, digest) !== undefined);
  const unset = lever.state === 'absent' ? digest : undefined;
  const wanted = releaseImageOf(hosted.cluster);
  // What was there before an override that has outlived its release is not what this one has: its neighbours tell.
  const outlived = isOurs && mark.release !== undefined && wanted !== undefined && mark.release !== wanted;
  const next = outlived ? releaseDigest?.(component.name, wanted) : undefined;
  const release = next ?? (isOurs ? before : unset) ?? earlier?.release ?? digest;
  if (release === undefined) return undefined;
  return {
    ...(digest !== undefined && { digest }),
    release,
    ...(override !== undefined && { override }),
  };
}

/** What a look at a control plane on which no lever is set tells of the release it is on. */
export function releasesSeenIn(
  { cluster }: Pick<Hosted, 'cluster'>,
  { components, upgrading }: Pick<ReportedPlane, 'components' | 'upgrading'>,
): readonly { readonly component: string; readonly image: string; readonly digest: Digest }[] {
  const image = releaseImageOf(cluster);
  if (image === undefined || upgrading) return [];
  return Object.entries(components).flatMap(([component, { digest, release, override }]) =>
    override === undefined && digest !== undefined && digest === release
      ? [{ component, image, digest }]
      : [],
  );
}

function customerOf({ cluster }: Hosted, { labels }: AgentSettings): string {
  const { metadata } = cluster;
  const key = labels.customer;
  const found = key === undefined ? undefined : (metadata.labels?.[key] ?? metadata.annotations?.[key]);
  return found === undefined || found === '' ? 'unknown' : found.slice(0, 255);
}
