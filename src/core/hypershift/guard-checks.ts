import { type Digest, short, type Uid } from '../base/ids.ts';
import { convergence } from './convergence.ts';
import { CPO_NAME, familyOf } from './family.ts';
import { digestIn, type SameImage } from './image-ref.ts';
import { leverOf } from './lever-state.ts';
import { markOf } from './mark.ts';
import { type Memory, NODE_POOL_WATCH_MS } from './memory.ts';
import { nodePoolBaseline, nodePoolDelta } from './node-pools.ts';
import { CPO_IMAGE, type Hosted, IMAGE_OVERRIDES } from './objects.ts';
import { foreignOwners, ownersText, weOwn } from './owners.ts';
import { proxyTrap } from './proxy-trap.ts';
import { releaseStateOf } from './release-state.ts';
import type { ComponentSettings } from './settings.ts';
import {
  conditionOf,
  conditionText,
  lostQuorum,
  lostVital,
  persistentlyWrong,
  stuckContainers,
  WAITING_MS,
} from './unhealthy.ts';

/** What a guard looks at. */
export type GuardSubject = {
  readonly hosted: Hosted;
  readonly component: ComponentSettings;
  readonly nowMs: number;
  readonly sameImage: SameImage;
  /** Absent at the first look. */
  readonly memory?: Memory;
  /** Types of conditions that are usually wrong with all control planes here, as people say. */
  readonly usual?: readonly string[] | undefined;
  /** The image that is to come, where it was looked at; absent: that is judged elsewhere. */
  readonly candidate?: CandidateImage;
  /** after: what was put in place, or null when it was taken away. */
  readonly expected?: { readonly uid: Uid; readonly digest: Digest | null };
};

/** What a registry says of the image, read as the hosted cluster itself would have to read it. */
export type CandidateImage = {
  readonly digest: Digest;
  /** Why it cannot be pulled. */
  readonly unreadable?: string;
  /** `4.19` or longer: the release it is built for. */
  readonly version?: string;
  readonly labels?: Readonly<Record<string, string>>;
  /** Of the image that runs. */
  readonly runningLabels?: Readonly<Record<string, string>>;
};

/** Label keys that HyperShift decides by (support/util/util.go, hostedcluster_controller.go, nodepool_controller.go). */
const DECIDING_LABEL = /^io\.openshift\.(hypershift\.|release\.operator$)/;

/** What is wrong with a control plane, the gravest first, at most four things; undefined: nothing that lasts. */
export function unhealthyBecause(
  it: GuardSubject,
  components: readonly ComponentSettings[],
): string | undefined {
  const { hosted, nowMs, sameImage, memory } = it;
  const families = components.map((c) =>
    familyOf(hosted, c, { known: memory?.components[c.name]?.seen ?? [], sameImage }),
  );
  const isOurs = (c: Parameters<(typeof families)[number]['has']>[0]) => families.some((f) => f.has(c));
  const wrong = [
    lostVital(hosted.cluster),
    lostQuorum(hosted),
    nodePoolsRoll(it),
    ...stuckContainers(hosted.pods, { isOurs, nowMs }),
    ...components.map((component) => notTaken({ ...it, component })),
    ...persistentlyWrong(hosted.cluster, { usual: [...(it.usual ?? []), ...(memory?.usual ?? [])], nowMs }),
  ].filter((text) => text !== undefined);
  const told = wrong.filter((text, at) => !wrong.slice(0, at).some((earlier) => earlier.includes(text)));
  return told.length === 0 ? undefined : told.slice(0, 4).join('; ');
}

/**
 * The image is asked for and HyperShift, which says that it fails, has not given it to the control-plane-operator: most times it
 * cannot look the image up. What runs goes on, and nothing else is reconciled any more.
 */
function notTaken({ hosted, component, nowMs }: GuardSubject): string | undefined {
  const lever = leverOf(hosted, component);
  const failing = conditionOf(hosted.cluster, 'ReconciliationSucceeded');
  if (component.lever !== 'annotation' || lever.state !== 'set' || failing?.status !== 'False')
    return undefined;
  if (nowMs - Date.parse(failing.lastTransitionTime ?? '') < WAITING_MS) return undefined;
  const given = hosted.workloads.some(
    ({ kind, metadata, spec }) =>
      kind === 'Deployment' &&
      metadata.name === CPO_NAME &&
      spec?.template?.spec?.containers?.some((c) => c.name === CPO_NAME && c.image === lever.ref),
  );
  return given ? undefined : `HyperShift does not take the image: ${conditionText(failing)}`;
}

export function beingDeleted({ hosted }: GuardSubject): string | undefined {
  const at = hosted.cluster.metadata.deletionTimestamp;
  return at === undefined ? undefined : `it is being deleted since ${at}`;
}

export function sizeTransition({ hosted }: GuardSubject): string | undefined {
  const moving = ['ClusterSizeTransitionPending', 'ClusterSizeTransitionRequired'].find(
    (type) => conditionOf(hosted.cluster, type)?.status === 'True',
  );
  return moving && `its control plane is about to move to another size (${moving})`;
}

export const etcdRecovering = ({ hosted }: GuardSubject): string | undefined =>
  conditionOf(hosted.cluster, 'EtcdRecoveryActive')?.status === 'True' ? 'etcd is recovering' : undefined;

export const reEncrypting = ({ hosted }: GuardSubject): string | undefined =>
  conditionOf(hosted.cluster, 'EtcdDataEncryptionUpToDate')?.status === 'False'
    ? 'the data in etcd is being encrypted again'
    : undefined;

export const singleReplica = ({ hosted }: GuardSubject): string | undefined =>
  hosted.cluster.spec?.controllerAvailabilityPolicy === 'SingleReplica'
    ? 'it has a single replica: its API server would be away while etcd and kube-apiserver restart'
    : undefined;

export function unhealthyBefore(it: GuardSubject): string | undefined {
  const because = unhealthyBecause(it, [it.component]);
  return because && `unhealthy before the change: ${because}`;
}

/**
 * Somebody else owns the lever. The image-overrides annotation is shared: there, only who applies it (and so would put its own value
 * back) and an entry of ours that is not from us count.
 */
export function foreignOwner({ hosted, component }: GuardSubject): string | undefined {
  const { metadata } = hosted.cluster;
  const lever = leverOf(hosted, component);
  if (lever.state === 'absent' && component.lever === 'annotation') return undefined;
  if (component.lever === 'annotation') {
    const owners = foreignOwners(metadata, CPO_IMAGE);
    if (owners.length > 0) return `${CPO_IMAGE} is owned by ${ownersText(owners)}`;
    return notByUs(hosted, component);
  }
  const appliers = foreignOwners(metadata, IMAGE_OVERRIDES).filter((o) => o.applies);
  if (appliers.length > 0) return `${IMAGE_OVERRIDES} is applied by ${ownersText(appliers)}`;
  return lever.state === 'set' ? notByUs(hosted, component) : undefined;
}

/** Set, and neither the mark nor the owners of the field say that we did it. */
function notByUs({ cluster }: Hosted, component: ComponentSettings): string | undefined {
  const key = component.lever === 'annotation' ? CPO_IMAGE : IMAGE_OVERRIDES;
  const marked = (markOf(cluster.metadata, component)?.image ?? null) !== null;
  return marked || weOwn(cluster.metadata, key) ? undefined : `${key} is set already, and not by Fleetfix`;
}

export function unreadableLever({ hosted, component }: GuardSubject): string | undefined {
  const lever = leverOf(hosted, component);
  return lever.state === 'unreadable' ? lever.because : undefined;
}

export const wouldRollNodePools = ({ hosted, component }: GuardSubject): string | undefined =>
  component.lever === 'annotation' ? proxyTrap(hosted.cluster) : undefined;

export const notPullable = ({ candidate }: GuardSubject): string | undefined =>
  candidate?.unreadable && `image ${short(candidate.digest)} cannot be pulled: ${candidate.unreadable}`;

/** An image without a label of the running one is taken for an older kind of operator, and other things are made for it. */
export function labelsMissing({ candidate, component }: GuardSubject): string | undefined {
  if (candidate === undefined || component.lever !== 'annotation') return undefined;
  const { labels, runningLabels } = candidate;
  if (labels === undefined || runningLabels === undefined)
    return `the labels of ${labels === undefined ? `image ${short(candidate.digest)}` : 'the running image'} could not be read`;
  const missing = Object.entries(runningLabels)
    .filter(([key, value]) => DECIDING_LABEL.test(key) && labels[key] !== value)
    .map(([key]) => key)
    .sort();
  const more = missing.length > 3 ? ` and ${missing.length - 3} more` : '';
  return missing.length === 0
    ? undefined
    : `image ${short(candidate.digest)} lacks ${missing.slice(0, 3).join(', ')}${more}, which the running image has`;
}

export function minorDiffers({ candidate, hosted }: GuardSubject): string | undefined {
  if (candidate?.version === undefined) return undefined;
  const { version } = releaseStateOf(hosted);
  const minor = (text: string) => /^v?(\d+\.\d+)(\.|$)/.exec(text)?.[1];
  const same = minor(version) !== undefined && minor(version) === minor(candidate.version);
  return same
    ? undefined
    : `image ${short(candidate.digest)} is for ${candidate.version}, and it is on ${version}`;
}

export function nodePoolsRoll({ hosted, memory, nowMs }: GuardSubject): string | undefined {
  const moved = memory?.movedAtMs;
  if (memory === undefined || moved === undefined || nowMs - moved >= NODE_POOL_WATCH_MS) return undefined;

  return nodePoolDelta(memory.nodePools, nodePoolBaseline(hosted.nodePools, hosted.secretNames));
}

export function notConverged(it: GuardSubject): string | undefined {
  const { hosted, component, sameImage, memory, expected } = it;
  const earlier = memory?.components[component.name];
  const before = digestIn(markOf(hosted.cluster.metadata, component)?.before);
  const digest = expected?.digest === null ? (before ?? earlier?.release) : expected?.digest;
  if (expected === undefined) return undefined;
  if (digest === undefined) return 'which image is to run without the lever is not known';
  const known = [...(earlier?.seen ?? []), ...(before === undefined ? [] : [before])];
  const outcome = convergence(hosted, { component, digest, known, sameImage });
  if (outcome.converged) return undefined;
  const more = outcome.waitingFor.length > 3 ? ` and ${outcome.waitingFor.length - 3} more` : '';
  return `not converged: ${outcome.waitingFor.slice(0, 3).join('; ')}${more}`;
}
