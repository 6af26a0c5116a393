import { type Digest, short } from '../base/ids.ts';
import { type Family, familyOf, templateContainers } from './family.ts';
import { digestIn, type SameImage } from './image-ref.ts';
import type { Condition, Container, ContainerStatus, Hosted, Pod, Workload } from './objects.ts';
import { whyNotRolledOut } from './rolled-out.ts';
import type { ComponentSettings } from './settings.ts';

export type Convergence =
  | { readonly converged: true }
  | { readonly converged: false; readonly waitingFor: readonly string[] };

/** What a family runs: one image, or what keeps one from saying so. Never both empty. */
export type Running = { readonly digest?: Digest; readonly waitingFor: readonly string[] };

/** What of a control plane, or of a workload by itself, is looked at. */
type Seen = Pick<Hosted, 'workloads' | 'components' | 'pods'>;
type Look = { readonly known: readonly Digest[]; readonly sameImage: SameImage };
/** One container, and the image it holds or runs; undefined while that cannot be told. */
type Held = { readonly where: string; readonly digest: Digest | undefined };

/**
 * Whether every workload of the family holds `digest`, is rolled out, and its pods' imageIDs say so.
 *
 * `known`: other images the family is known to have held, so that who still holds one is recognised.
 * The conditions Progressing and the versions of a hosted cluster do not move on an override and are not read.
 */
export function convergence(
  hosted: Seen,
  {
    component,
    digest,
    known,
    sameImage,
  }: Look & { readonly component: ComponentSettings; readonly digest: Digest },
): Convergence {
  const target = sameImage(digest);
  const look = { known: [target, ...known], sameImage };
  const family = familyOf(hosted, component, look);
  const held = [...inTemplates(family, look), ...inPods(hosted, family, look)];
  const other = held.filter((h) => h.digest !== undefined && h.digest !== target);
  const waitingFor = [
    ...unsettled(hosted, family),
    ...unknownOf(held),
    ...other.map((h) => `${h.where} holds ${short(h.digest!)}, not ${short(target)}`),
    ...(held.length === 0 ? ['nothing runs it'] : []),
  ];
  return waitingFor.length === 0 ? { converged: true } : { converged: false, waitingFor };
}

/** The one image a family runs. It is told only where everything of it is settled: templates, workloads and pods agree. */
export function runningImage(hosted: Seen, component: ComponentSettings, look: Look): Running {
  const family = familyOf(hosted, component, look);
  const held = [...inTemplates(family, look), ...inPods(hosted, family, look)];
  const digests = [...new Set(held.flatMap((h) => h.digest ?? []))].sort();
  const waitingFor = [...unsettled(hosted, family), ...unknownOf(held)];
  if (digests.length > 1) waitingFor.push(`${digests.length} images run: ${digests.map(short).join(', ')}`);
  if (digests.length === 0) waitingFor.push('nothing runs it');
  return waitingFor.length === 0 ? { digest: digests[0]!, waitingFor } : { waitingFor };
}

/** Images that the family was seen to hold, however unsettled; for memory. */
export function imagesHeld(hosted: Seen, component: ComponentSettings, look: Look): Digest[] {
  const family = familyOf(hosted, component, look);
  const held = [...inTemplates(family, look), ...inPods(hosted, family, look)];
  return [...new Set(held.flatMap((h) => h.digest ?? []))].sort();
}

function unsettled(hosted: Seen, family: Family): string[] {
  if (family.anchor === undefined) return [`${family.anchorName} is not there`];
  const unrolled = family.workloads.flatMap((w) => whyNotRolledOut(w) ?? []);
  const names = new Set(family.workloads.map((w) => w.metadata.name));
  const components = hosted.components.filter((c) => names.has(c.metadata.name));
  return [
    ...unrolled,
    ...components.flatMap((c) => whyIncomplete(c.metadata.name, c.status?.conditions ?? [])),
  ];
}

/** ControlPlaneComponents say it from 4.20 on; alone they prove nothing, since their version does not change on an override. */
function whyIncomplete(name: string, conditions: readonly Condition[]): string[] {
  const wrong = ['Available', 'RolloutComplete'].filter(
    (type) => conditions.find((c) => c.type === type)?.status !== 'True',
  );
  return wrong.map((type) => `ControlPlaneComponent ${name} is not ${type}`);
}

const unknownOf = (held: readonly Held[]): string[] =>
  held.filter((h) => h.digest === undefined).map((h) => `${h.where} does not say which image it runs`);

/** A template that names its image by a tag says nothing; its pods do. */
function inTemplates(family: Family, { sameImage }: Look): Held[] {
  const name = (w: Workload, c: Container) => `${w.kind} ${w.metadata.name} (${c.name})`;
  return family.workloads.flatMap((w) =>
    templateContainers(w)
      .filter(family.has)
      .flatMap((c) => {
        const digest = digestIn(c.image);
        return digest === undefined ? [] : [{ where: name(w, c), digest: sameImage(digest) }];
      }),
  );
}

function inPods(hosted: Seen, family: Family, { sameImage }: Look): Held[] {
  return hosted.pods.filter(isLasting).flatMap((pod) =>
    podContainers(pod)
      .filter(family.has)
      .map((c) => {
        const digest = digestIn(statusOf(pod, c.name)?.imageID);
        const where = `pod ${pod.metadata.name} (${c.name})`;
        return { where, digest: digest && sameImage(digest) };
      }),
  );
}

/** Pods of jobs come and go and take the image at their next run; a pod that is over runs nothing. */
const isLasting = ({ metadata, status }: Pod): boolean =>
  status?.phase !== 'Succeeded' &&
  status?.phase !== 'Failed' &&
  !(metadata.ownerReferences ?? []).some((owner) => owner.kind === 'Job');

export const podContainers = ({ spec }: Pod): readonly Container[] => [
  ...(spec?.initContainers ?? []),
  ...(spec?.containers ?? []),
];

export const statusOf = ({ status }: Pod, container: string): ContainerStatus | undefined =>
  [...(status?.initContainerStatuses ?? []), ...(status?.containerStatuses ?? [])].find(
    (s) => s.name === container,
  );
