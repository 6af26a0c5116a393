import { type Digest, short } from '../base/ids.ts';
import { type Family, familyOf, templateContainers } from './family.ts';
import type { SameImage } from './image-ref.ts';
import type { Condition, Container, ContainerStatus, Hosted, Pod, Workload } from './objects.ts';
import { wantedPods, whyNotRolledOut } from './rolled-out.ts';
import type { ComponentSettings } from './settings.ts';

export type Convergence =
  | { readonly converged: true }
  | { readonly converged: false; readonly waitingFor: readonly string[] };

/** What a family runs: one image, or what keeps one from saying so. */
export type Running = {
  readonly digest?: Digest;
  readonly waitingFor: readonly string[];
  /** Images it was seen to hold, however unsettled. */
  readonly held: readonly Digest[];
};

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
  const held = heldIn(hosted, family);
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
  const all = heldIn(hosted, family);
  const held = [...new Set(all.flatMap((h) => h.digest ?? []))].sort();
  const waitingFor = [...unsettled(hosted, family), ...unknownOf(all)];
  if (held.length > 1) waitingFor.push(`${held.length} images run: ${held.map(short).join(', ')}`);
  if (held.length === 0) waitingFor.push('nothing runs it');
  return { ...(waitingFor.length === 0 && { digest: held[0]! }), waitingFor, held };
}

function unsettled(hosted: Seen, family: Family): string[] {
  if (family.anchor === undefined) return [`${family.anchorName} is not there`];
  const pods = podsByOwner(hosted.pods);
  const unrolled = family.workloads.flatMap((w) => whyNotRolledOut(w) ?? whyUnseen(w, pods) ?? []);
  const names = new Set(family.workloads.map((w) => w.metadata.name));
  const components = hosted.components.filter((c) => names.has(c.metadata.name));
  return [
    ...unrolled,
    ...components.flatMap((c) => whyIncomplete(c.metadata.name, c.status?.conditions ?? [])),
  ];
}

/** Pods are what proves: a workload that says all is well while its pods are not seen proves nothing. */
function whyUnseen(workload: Workload, pods: ReadonlyMap<string, number>): string | undefined {
  const { kind, metadata } = workload;
  const name = `${kind} ${metadata.name}`;
  const [wanted, seen] = [wantedPods(workload), pods.get(name) ?? 0];
  return seen < wanted ? `${name}: ${seen} of ${wanted} pods are seen` : undefined;
}

/** How many pods each workload has. A Deployment's are its ReplicaSets', whose names are its own and a hash. */
function podsByOwner(pods: readonly Pod[]): Map<string, number> {
  const counts = new Map<string, number>();
  for (const { metadata } of pods)
    for (const { kind, name } of metadata.ownerReferences ?? []) {
      const dash = name.lastIndexOf('-');
      const owner =
        kind === 'ReplicaSet' ? `Deployment ${name.slice(0, Math.max(dash, 0))}` : `${kind} ${name}`;
      counts.set(owner, (counts.get(owner) ?? 0) + 1);
    }
  return counts;
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

const heldIn = (hosted: Seen, family: Family): Held[] => [
  ...family.workloads.flatMap((w) => inTemplate(w, family)),
  ...hosted.pods.filter(isLasting).flatMap((pod) => inPod(pod, family)),
];

/** A template that names its image by a tag says nothing; its pods do. */
const inTemplate = (workload: Workload, family: Family): Held[] =>
  templateContainers(workload)
    .filter(family.has)
    .flatMap(({ name, image }) => {
      const digest = family.digestOf(image!);
      return digest === undefined
        ? []
        : [{ where: `${workload.kind} ${workload.metadata.name} (${name})`, digest }];
    });

const inPod = (pod: Pod, family: Family): Held[] =>
  podContainers(pod)
    .filter(family.has)
    .map(({ name }) => ({
      where: `pod ${pod.metadata.name} (${name})`,
      digest: family.digestOf(statusOf(pod, name)?.imageID ?? ''),
    }));

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
