import { type ControlPlane, pastRate, type Served } from './control-plane.ts';

/** Up to this share of them is ill at any time for reasons of their own. */
const USUALLY_ILL = 0.05;

/**
 * Instances of a component that all control planes of a management cluster depend on, e.g. its operator, with what depends
 * on each: an instance is as ill as they are, since its pods may be well while everything it drives breaks, and it weighs as
 * much as they do. `all`: the whole fleet, in any order; each instance may be among it.
 */
export function withServed(instances: readonly ControlPlane[], all: readonly ControlPlane[]): ControlPlane[] {
  const own = new Set(instances.map((p) => p.uid));
  const hosted = Map.groupBy(
    all.filter((p) => !own.has(p.uid)),
    (p) => p.managementCluster,
  );
  return instances.map((instance) => {
    const there = hosted.get(instance.managementCluster) ?? [];
    const unhealthy = instance.unhealthy ?? illText(there);
    return { ...instance, served: servedOf(there), ...(unhealthy !== undefined && { unhealthy }) };
  });
}

const toleratedOf = (there: readonly ControlPlane[]): number => Math.floor(there.length * USUALLY_ILL);

/** Where one that is ill is an episode, all their own ones are to be expected; where it takes several at once, none of them is. */
function servedOf(there: readonly ControlPlane[]): Served {
  const planes = Math.max(1, there.length);
  if (there.length === 0 || toleratedOf(there) > 0) return { planes };
  return { planes, rate: there.reduce((sum, { past }) => sum + pastRate(past ?? NO_PAST), 0) };
}

const NO_PAST = { episodes: 0, hours: 0 };

function illText(there: readonly ControlPlane[]): string | undefined {
  const ill = there.filter((p) => p.unhealthy !== undefined);
  if (ill.length <= toleratedOf(there)) return undefined;
  // Of several, the one that stays the same while others come and go.
  const first = ill.reduce((least, p) => (p.uid < least.uid ? p : least));
  return `control planes of its management cluster are ill, among them ${first.name}: ${first.unhealthy}`;
}
