import { type Digest, isDigest, short } from '../base/ids.ts';
import type { Order } from '../rollout/order.ts';
import { parseImageOverrides, withImageOverride } from './image-overrides.ts';
import { digestIn, refOf, repositoryOf } from './image-ref.ts';
import { containerOf, isInPlace, type LeverState, leverOf, workloadLever } from './lever-state.ts';
import { markKeyOf, markOf, markText, nameOf } from './mark.ts';
import { CPO_IMAGE, type Hosted, IMAGE_OVERRIDES, type Mark, type Meta, type Workload } from './objects.ts';
import { foreignOwners, imageAppliers, ownersText } from './owners.ts';
import { type ComponentSettings, isRepository } from './settings.ts';
import { releaseImageOf } from './upgrade.ts';

/**
 * One PATCH, and what it means to the control plane.
 *
 * apply: server-side, under our field manager, never forced. merge and strategic: read-modify-write; `object` names the
 * resourceVersion that was read, so the write fails when anybody came in between. Every `object` names the uid: an apply to a name that
 * is gone would create an empty hosted cluster, since its spec is not required.
 */
export type Write = {
  readonly how: 'apply' | 'merge' | 'strategic';
  readonly apiVersion: 'hypershift.openshift.io/v1beta1' | 'apps/v1';
  readonly kind: 'HostedCluster' | Workload['kind'];
  readonly namespace: string;
  readonly name: string;
  readonly object: Readonly<Record<string, unknown>>;
};

export type Change = {
  readonly patch: Write;
  /** What it will change. */
  readonly changes: string;
  /** What restarts because of it. */
  readonly restarts: string;
  readonly undo: string;
};

export type Refused = { readonly refused: string };

/** The part of an order that a lever needs. */
export type LeverOrder = Pick<Order, 'key' | 'fix' | 'uid' | 'action' | 'digest' | 'sequence'>;

/**
 * The write that carries an order out on a hosted cluster, or why there is none.
 *
 * `release`: what runs without our lever (`RunningComponent.release`); it is kept in the mark as what was before.
 */
export function change(
  component: ComponentSettings,
  order: LeverOrder,
  { hosted, release }: { readonly hosted: Pick<Hosted, 'cluster'>; readonly release: Digest },
): Change | Refused {
  const { metadata } = hosted.cluster;
  const unfit = whyUnfit(component, order, metadata);
  if (unfit !== undefined) return { refused: unfit };
  const lever = leverOf(hosted, component);
  if (lever.state === 'unreadable') return { refused: lever.because };
  const moved = { metadata, release, lever, of: releaseImageOf(hosted.cluster) };
  const mark = nextMark(component, order, moved);
  if (component.lever === 'annotation') return byAnnotation(component, hosted, { mark, lever });
  if (component.lever === 'image-overrides') return byImageOverrides(component, hosted, { mark, lever });
  return { refused: `${component.name} is a workload of its own: see changeWorkload` };
}

/** All of it as one text: before it is done, so that whoever reads knows what it will change, what restarts, how to undo it. */
export const says = ({ changes, restarts, undo }: Change): string =>
  `Changes: ${changes}. Restarts: ${restarts}. To undo: ${undo}.`;

function whyUnfit(component: ComponentSettings, order: LeverOrder, metadata: Meta): string | undefined {
  if (order.uid === '' || metadata.uid !== order.uid)
    return `${nameOf(metadata)} has uid ${metadata.uid || '(none)'}, not ${order.uid || '(none)'}`;
  if (!isRepository(component.repository))
    return `repository ${JSON.stringify(component.repository)} of ${component.name} is none: expected host/path`;
  if (order.action === 'remove') return undefined;
  return order.digest !== undefined && isDigest(order.digest)
    ? undefined
    : `its image ${JSON.stringify(order.digest ?? null)} is not a digest`;
}

type Moved = {
  readonly metadata: Meta;
  /** The image that runs without our lever. */
  readonly release: string;
  /** Where the lever stands now. */
  readonly lever: LeverState;
  /** The release image the control plane is to run; a workload of its own has none. */
  readonly of?: string | undefined;
};

/** What was before stays what it was before the first move, until the lever is taken away, by us or by anybody. */
function nextMark(
  component: ComponentSettings,
  { key, fix, sequence, action, digest }: LeverOrder,
  { metadata, release, lever, of }: Moved,
): Mark {
  const earlier = markOf(metadata, component);
  const before = earlier !== undefined && isInPlace(earlier, lever) ? earlier.before : release;
  const image = action === 'set' ? refOf(component.repository, digest!) : null;
  return { key, fix, sequence, component: component.name, image, before, ...(of && { release: of }) };
}

type Move = { readonly mark: Mark; readonly lever: LeverState };

/**
 * The control-plane-operator's annotation, by server-side apply of our keys and nothing else. Applying without the key takes it
 * away, and only if it is ours: the value is never blanked, since HyperShift takes an empty one for an image.
 */
function byAnnotation(
  component: ComponentSettings,
  { cluster }: Pick<Hosted, 'cluster'>,
  { mark, lever }: Move,
): Change | Refused {
  const foreign = foreignOwners(cluster.metadata, CPO_IMAGE);
  if (lever.state === 'set' && foreign.length > 0)
    return { refused: `${CPO_IMAGE} is owned by ${ownersText(foreign)}, and is not taken from them` };
  const { name, namespace, uid } = cluster.metadata;
  const own = mark.image === null ? {} : { [CPO_IMAGE]: mark.image };
  const annotations = { ...own, [markKeyOf(component)]: markText(mark) };
  const patch = hostedWrite('apply', cluster.metadata, { name, namespace, uid, annotations });
  return {
    patch,
    changes: `annotation ${CPO_IMAGE} of ${nameOf(cluster.metadata)} from ${leverText(lever)} to ${imageText(mark)}`,
    restarts: ANNOTATION_RESTARTS,
    undo: undoText(mark, 'apply without the annotation, which takes our value away'),
  };
}

/**
 * The control-plane-operator's image is in 31 of 44 workloads of a control plane; from 4.19 on in kube-apiserver, from 4.17 in etcd
 * (control-plane-operator/controllers/hostedcontrolplane/v2).
 */
const ANNOTATION_RESTARTS =
  'control-plane-operator, then etcd, kube-apiserver and most other workloads of the control plane, in that order; ' +
  'on AWS and Azure also the DaemonSet global-pull-secret-syncer on the nodes';

/**
 * One entry of the image-overrides annotation. All entries are one value, which has one owner, so an apply would either conflict with
 * whoever wrote the others or claim theirs as ours. It is read, changed and written back under the resourceVersion that was read instead:
 * whoever comes in between makes it fail, and it is done anew on what they wrote.
 */
function byImageOverrides(
  component: ComponentSettings,
  { cluster }: Pick<Hosted, 'cluster'>,
  { mark, lever }: Move,
): Change | Refused {
  const { metadata } = cluster;
  const { payloadName = '' } = component;
  if (!/^[a-z0-9][a-z0-9.-]*$/.test(payloadName))
    return {
      refused: `payloadName ${JSON.stringify(payloadName)} of ${component.name} is no name of a release's component`,
    };
  if (metadata.resourceVersion === undefined)
    return { refused: `${nameOf(metadata)} was read without its resourceVersion` };
  const read = parseImageOverrides(metadata.annotations?.[IMAGE_OVERRIDES] ?? '');
  if ('fault' in read) return { refused: `${IMAGE_OVERRIDES} is malformed: ${read.fault}` };
  const value = withImageOverride(read.entries, { name: payloadName, ref: mark.image });
  const { uid, resourceVersion } = metadata;
  // Null takes a key away in a merge patch.
  const annotations = { [IMAGE_OVERRIDES]: value, [markKeyOf(component)]: markText(mark) };
  const others = read.entries.filter((e) => e.name !== payloadName).length;
  return {
    patch: hostedWrite('merge', metadata, { uid, resourceVersion, annotations }),
    changes:
      `entry ${payloadName} in annotation ${IMAGE_OVERRIDES} of ${nameOf(metadata)} from ${leverText(lever)} to ${imageText(mark)}; ` +
      (others === 0
        ? 'it has no other entries'
        : `its ${others} other ${others === 1 ? 'entry stays' : 'entries stay'} as they are`),
    restarts: overrideRestarts(payloadName),
    undo: undoText(mark, 'take the entry out, and the annotation with the last one'),
  };
}

/** What the network operator manages runs on the nodes as well, from images that it is told. */
const ON_NODES =
  /^(ovn-kubernetes|multus|cluster-network-operator|network-|container-networking|sdn|whereabouts|egress)/;

const overrideRestarts = (payloadName: string): string =>
  `control-plane-operator, then the workloads that run ${payloadName}` +
  (ON_NODES.test(payloadName) ? '; DaemonSets on the nodes roll as well, without new nodes' : '');

/**
 * The write that carries an order out on a workload, e.g. the HyperShift Operator or a cloud service.
 *
 * The image of a workload always has an owner, who made it: an apply that is not forced would conflict for ever. So it is written as a
 * strategic merge under the resourceVersion that was read; who applies it himself would put his own back, and is not fought.
 * A container cannot be without an image, so going back means writing what was there before, as the mark tells.
 */
export function changeWorkload(
  component: ComponentSettings,
  order: LeverOrder,
  { workload, release }: { readonly workload: Workload; readonly release: Digest },
): Change | Refused {
  const { metadata, kind } = workload;
  const unfit = whyUnfit(component, order, metadata) ?? whyNotWritable(workload, component);
  if (unfit !== undefined) return { refused: unfit };
  const container = containerOf(workload, component)!;
  const held = container.image ?? '';
  const before = refOf(repositoryOf(held), digestIn(held) ?? release);
  const lever = workloadLever(workload, component);
  const mark = nextMark(component, order, { metadata, release: before, lever });
  const image = mark.image ?? mark.before;
  if (mark.image === null && digestIn(image) === undefined)
    return {
      refused: `what ${kind} ${nameOf(metadata)} ran before is not known, so there is nothing to go back to`,
    };
  return {
    patch: workloadWrite(workload, { component, image, mark }),
    changes: `image of container ${container.name} of ${kind} ${nameOf(metadata)} from ${held || 'none'} to ${image}`,
    restarts: `the pods of ${kind} ${metadata.name}, as its strategy says`,
    undo: `write ${mark.before} back, which ran before`,
  };
}

function whyNotWritable(workload: Workload, component: ComponentSettings): string | undefined {
  const { metadata, kind } = workload;
  const where = `${kind} ${nameOf(metadata)}`;
  const container = component.workload?.container ?? '';
  if (containerOf(workload, component) === undefined)
    return `${where} has no container ${JSON.stringify(container)}`;
  if (metadata.resourceVersion === undefined) return `${where} was read without its resourceVersion`;
  const appliers = imageAppliers(metadata, container);
  return appliers.length === 0
    ? undefined
    : `the image of ${where} is applied by ${ownersText(appliers)}, who would put it back`;
}

function workloadWrite(
  { kind, metadata }: Workload,
  {
    component,
    image,
    mark,
  }: { readonly component: ComponentSettings; readonly image: string; readonly mark: Mark },
): Write {
  const { name, namespace, uid, resourceVersion } = metadata;
  const annotations = { [markKeyOf(component)]: markText(mark) };
  const containers = [{ name: component.workload!.container, image }];
  return {
    how: 'strategic',
    apiVersion: 'apps/v1',
    kind,
    namespace,
    name,
    object: { metadata: { uid, resourceVersion, annotations }, spec: { template: { spec: { containers } } } },
  };
}

function hostedWrite(how: 'apply' | 'merge', meta: Meta, metadata: Readonly<Record<string, unknown>>): Write {
  const about = { apiVersion: 'hypershift.openshift.io/v1beta1', kind: 'HostedCluster' } as const;
  const object = how === 'apply' ? { ...about, metadata } : { metadata };
  return { how, ...about, namespace: meta.namespace, name: meta.name, object };
}

const leverText = (lever: LeverState): string => (lever.state === 'set' ? lever.ref : 'nothing');
const imageText = ({ image }: Mark): string => image ?? 'nothing';

const undoText = ({ image, before }: Mark, how: string): string => {
  const digest = digestIn(before);
  const then =
    digest === undefined
      ? 'the image of the release'
      : `the image of the release, ${short(digest)} when it was changed`;
  return image === null
    ? `order it anew; without it runs ${then}`
    : `${how}; then runs ${then}, by a second roll of the same workloads`;
};
