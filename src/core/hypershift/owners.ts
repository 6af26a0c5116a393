import { FIELD_MANAGER, type ManagedFields, type Meta } from './objects.ts';

export type Owner = { readonly manager: string; readonly applies: boolean };

/**
 * Who owns the field at this path of `f:` names (given without `f:`), e.g. `['metadata', 'annotations', KEY]`. A member of a
 * list is named by its key, `k:{"name":"x"}`, as it stands there.
 */
export function ownersOf({ managedFields }: Pick<Meta, 'managedFields'>, path: readonly string[]): Owner[] {
  return (managedFields ?? [])
    .filter((entry) => owns(entry, path))
    .map(({ manager, operation }) => ({
      manager: manager ?? 'a manager without a name',
      applies: operation === 'Apply',
    }));
}

/** Owners of an annotation other than we, by name, sorted. */
export function foreignOwners(meta: Pick<Meta, 'managedFields'>, annotation: string): Owner[] {
  return ownersOf(meta, ['metadata', 'annotations', annotation])
    .filter(({ manager }) => manager !== FIELD_MANAGER)
    .sort((a, b) => (a.manager < b.manager ? -1 : 1));
}

/** Whether we own an annotation, alone or with others. */
export const weOwn = (meta: Pick<Meta, 'managedFields'>, annotation: string): boolean =>
  ownersOf(meta, ['metadata', 'annotations', annotation]).some(({ manager }) => manager === FIELD_MANAGER);

function owns({ fieldsV1 }: ManagedFields, path: readonly string[]): boolean {
  let at: unknown = fieldsV1;
  for (const step of path) {
    const key = step.startsWith('k:') ? step : `f:${step}`;
    if (typeof at !== 'object' || at === null || !Object.hasOwn(at, key)) return false;
    at = (at as Record<string, unknown>)[key];
  }
  return true;
}

/** Names of owners, as they stand in a sentence. */
export const ownersText = (owners: readonly Owner[]): string =>
  [...new Set(owners.map((o) => o.manager))].map((name) => name.slice(0, 128)).join(' and ');

/** Who else applies the image of a workload's container, and so would put his own back. */
export const imageAppliers = (meta: Pick<Meta, 'managedFields'>, container: string): Owner[] =>
  ownersOf(meta, [
    ...['spec', 'template', 'spec', 'containers'],
    ...[`k:${JSON.stringify({ name: container })}`, 'image'],
  ]).filter(({ applies, manager }) => applies && manager !== FIELD_MANAGER);
