import type { ControlPlane } from './control-plane.ts';

/**
 * Picks control planes by equality on their facts, all of which must hold.
 * A value may be a list (any of them). An empty selector picks all.
 */
export type Selector = Partial<Record<SelectorKey, string | readonly string[]>>;

export const SELECTOR_KEYS = [
  'name',
  'managementCluster',
  'region',
  'sector',
  'customer',
  'platform',
  'version',
  'availability',
] as const satisfies readonly (keyof ControlPlane)[];
export type SelectorKey = (typeof SELECTOR_KEYS)[number];

export function selects(selector: Selector, plane: ControlPlane): boolean {
  return SELECTOR_KEYS.every((key) => {
    const wanted = selector[key];
    if (wanted === undefined) return true;
    return typeof wanted === 'string' ? plane[key] === wanted : wanted.includes(plane[key]);
  });
}
