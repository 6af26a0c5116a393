import { MARK, type Mark, type Meta } from './objects.ts';
import type { ComponentSettings } from './settings.ts';

/**
 * The key of the mark. Levers that are written in different ways have marks of their own: a field that was applied and
 * then merged is owned twice under one manager's name, and the next apply would conflict with ourselves.
 */
export const markKeyOf = ({ name, lever }: Pick<ComponentSettings, 'name' | 'lever'>): string =>
  lever === 'image-overrides' ? `${name}.${MARK}` : MARK;

/** The mark of a component on its object; undefined when there is none, or none of it, or it cannot be read. */
export function markOf(meta: Pick<Meta, 'annotations'>, component: ComponentSettings): Mark | undefined {
  const mark = readMark(meta.annotations?.[markKeyOf(component)]);
  return mark?.component === component.name ? mark : undefined;
}

/** The highest sequence any mark of the object tells of; undefined without one. For an agent that lost its journal. */
export function lastSequenceOf(meta: Pick<Meta, 'annotations'>): number | undefined {
  const marks = Object.entries(meta.annotations ?? {}).filter(
    ([key]) => key === MARK || key.endsWith(`.${MARK}`),
  );
  const sequences = marks.flatMap(([, text]) => readMark(text)?.sequence ?? []);
  return sequences.length === 0 ? undefined : Math.max(...sequences);
}

/** Whether an order was carried out on the object already, by what is written there. */
export const isMarkedDone = (meta: Pick<Meta, 'annotations'>, key: string): boolean =>
  Object.entries(meta.annotations ?? {}).some(
    ([name, text]) => (name === MARK || name.endsWith(`.${MARK}`)) && readMark(text)?.key === key,
  );

export const markText = (mark: Mark): string => JSON.stringify(mark);

/** Anybody may write the annotation, so each member is looked at. */
function readMark(text: string | undefined): Mark | undefined {
  const value = parsed(text);
  if (typeof value !== 'object' || value === null) return undefined;
  const { key, fix, sequence, component, image, before, release } = value as Record<keyof Mark, unknown>;
  const readable =
    typeof key === 'string' &&
    typeof fix === 'string' &&
    Number.isSafeInteger(sequence) &&
    typeof component === 'string' &&
    (image === null || typeof image === 'string') &&
    typeof before === 'string' &&
    (release === undefined || typeof release === 'string');
  return readable ? (value as Mark) : undefined;
}

function parsed(text: string | undefined): unknown {
  if (text === undefined || text.length > 4_096) return undefined;
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** `<name>.<namespace>`: unique on a management cluster, and what people type. */
export const nameOf = ({ name, namespace }: Pick<Meta, 'name' | 'namespace'>): string =>
  `${name}.${namespace}`;
