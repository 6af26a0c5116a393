import type { Digest } from '../base/ids.ts';
import { parseImageOverrides } from './image-overrides.ts';
import { digestIn } from './image-ref.ts';
import { markOf } from './mark.ts';
import { CPO_IMAGE, type Hosted, IMAGE_OVERRIDES, type Mark, type Workload } from './objects.ts';
import type { ComponentSettings } from './settings.ts';

/** Where a lever stands. unreadable: it is set, and what it asks for cannot be told. */
export type LeverState =
  | { readonly state: 'absent' }
  | { readonly state: 'set'; readonly ref: string; readonly digest: Digest }
  | { readonly state: 'unreadable'; readonly because: string };

const ABSENT = { state: 'absent' } as const;
const unreadable = (because: string) => ({ state: 'unreadable', because }) as const;

/** The lever of a component on a hosted cluster. A workload's own lever is asked of `workloadLever`. */
export function leverOf({ cluster }: Pick<Hosted, 'cluster'>, component: ComponentSettings): LeverState {
  const { annotations } = cluster.metadata;
  if (component.lever === 'annotation') return annotationState(annotations?.[CPO_IMAGE]);
  if (component.lever === 'image-overrides')
    return overridesState(annotations?.[IMAGE_OVERRIDES], component.payloadName ?? '');
  return ABSENT;
}

/** HyperShift asks whether the key is there, not whether it says anything (GetControlPlaneOperatorImage in support/util/util.go). */
function annotationState(ref: string | undefined): LeverState {
  if (ref === undefined) return ABSENT;
  if (ref === '') return unreadable(`${CPO_IMAGE} is there and empty, which HyperShift takes for an image`);
  return named(ref, CPO_IMAGE);
}

function overridesState(text: string | undefined, payloadName: string): LeverState {
  if (text === undefined) return ABSENT;
  const read = parseImageOverrides(text);
  if ('fault' in read) return unreadable(`${IMAGE_OVERRIDES} is malformed: ${read.fault.slice(0, 300)}`);
  const own = read.entries.find((e) => e.name === payloadName);
  return own === undefined ? ABSENT : named(own.ref, `${IMAGE_OVERRIDES} for ${payloadName}`);
}

function named(ref: string, where: string): LeverState {
  const digest = digestIn(ref);
  return digest === undefined
    ? unreadable(`${where} names ${JSON.stringify(ref.slice(0, 300))} without a digest`)
    : { state: 'set', ref, digest };
}

/** Whether an image is the one that a mark says we put in place. */
export const namesImage = ({ image }: Mark, digest: Digest | undefined): boolean =>
  image !== null && digest !== undefined && digest === digestIn(image);

/** Whether a lever still stands where a mark says we moved it. An upgrade, or a person, takes the lever away and leaves the mark. */
export const isInPlace = (mark: Mark, lever: LeverState): boolean =>
  lever.state === 'set' && namesImage(mark, lever.digest);

/** The lever of a workload is set while the mark names the image that its template holds. */
export function workloadLever(workload: Workload, component: ComponentSettings): LeverState {
  const image = containerOf(workload, component)?.image;
  const digest = digestIn(image);
  const asked = digestIn(markOf(workload.metadata, component)?.image ?? undefined);
  return image !== undefined && digest !== undefined && digest === asked
    ? { state: 'set', ref: image, digest }
    : ABSENT;
}

/** The container of a workload that the component is. */
export const containerOf = (workload: Workload, component: ComponentSettings) =>
  workload.spec?.template?.spec?.containers?.find((c) => c.name === component.workload?.container);
