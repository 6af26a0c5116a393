import { type Digest, short, type Uid } from '../base/ids.ts';
import { digestIn } from './image-ref.ts';
import { containerOf, type LeverState, leverOf } from './lever-state.ts';
import { nameOf } from './mark.ts';
import { CPO_IMAGE, FIELD_MANAGER, type Hosted, IMAGE_OVERRIDES, type Workload } from './objects.ts';
import { ownersOf, ownersText } from './owners.ts';
import type { ComponentSettings } from './settings.ts';

/** What became of what was put in place. */
export type Drift = {
  readonly kind: 're-created' | 'removed' | 'overwritten' | 'set again';
  /** One printable sentence. */
  readonly says: string;
};

/**
 * How a lever differs from what was last put in place: `digest`, or null when it was taken away. Undefined: it is as it was left.
 * An object of another uid is another control plane, whatever its name and lever say.
 */
export function driftOf(
  hosted: Pick<Hosted, 'cluster'>,
  {
    component,
    uid,
    digest,
  }: { readonly component: ComponentSettings; readonly uid: Uid; readonly digest: Digest | null },
): Drift | undefined {
  const { metadata } = hosted.cluster;
  if (metadata.uid !== uid)
    return {
      kind: 're-created',
      says: `${nameOf(metadata)} was created again and is another control plane now, ${metadata.uid}`,
    };
  const key = component.lever === 'annotation' ? CPO_IMAGE : IMAGE_OVERRIDES;
  const lever = leverOf(hosted, component);
  if (lever.state === 'absent')
    return digest === null
      ? undefined
      : { kind: 'removed', says: `${key} no longer names ${short(digest)}: it was removed` };
  if (lever.state === 'set' && lever.digest === digest) return undefined;
  const others = ownersOf(metadata, ['metadata', 'annotations', key]).filter(
    (o) => o.manager !== FIELD_MANAGER,
  );
  const by = others.length === 0 ? '' : `, by ${ownersText(others)}`;
  return digest === null
    ? { kind: 'set again', says: `${key} was taken away and is there again with ${stands(lever)}${by}` }
    : { kind: 'overwritten', says: `${key} was overwritten with ${stands(lever)}${by}` };
}

const stands = (lever: Exclude<LeverState, { readonly state: 'absent' }>): string =>
  lever.state === 'set' ? short(lever.digest) : `what cannot be read (${lever.because})`;

/** How the image of a workload differs from `digest`, which was last written there. */
export function driftOfWorkload(
  workload: Workload,
  {
    component,
    uid,
    digest,
  }: { readonly component: ComponentSettings; readonly uid: Uid; readonly digest: Digest },
): Drift | undefined {
  const { metadata, kind } = workload;
  const name = `${kind} ${nameOf(metadata)}`;
  if (metadata.uid !== uid)
    return { kind: 're-created', says: `${name} was created again and is another now, ${metadata.uid}` };
  const image = containerOf(workload, component)?.image;
  if (digestIn(image) === digest) return undefined;
  return {
    kind: 'overwritten',
    says: `the image of ${name} was overwritten with ${image?.slice(0, 300) ?? 'nothing'}`,
  };
}
