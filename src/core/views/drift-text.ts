import { short } from '../base/ids.ts';
import type { PlaneStanding } from '../coverage/coverage.ts';
import type { ControlPlane } from '../fleet/control-plane.ts';
import type { Fix } from '../life/fix.ts';
import type { Plan } from '../rollout/plan.ts';

/**
 * What others did to one that ran the image of the fix and does not stand as patched any more: an upgrade, a hand on the lever,
 * an object that was deleted and created anew. `plan`: of the rollout, for the names of those that are gone. Undefined: nothing
 * that is known of.
 */
export function driftText(
  fix: Fix,
  plane: ControlPlane,
  { standing, line, plan }: Pick<PlaneStanding, 'standing' | 'line'> & { readonly plan: Plan | undefined },
): string | undefined {
  const { rollout } = fix;
  if (rollout === undefined || !(standing === 'exposed' || standing === 'unknown')) return undefined;
  const before = plan?.targets.find((t) => t.name === plane.name && t.uid !== plane.uid);
  if (before && plan?.id === rollout.plan && rollout.targets[plane.uid] === undefined)
    return 'it was created again and is another control plane than the one that was changed';
  const lost = rollout.lost?.[plane.uid]?.because;
  if (lost === undefined && rollout.targets[plane.uid]?.state !== 'patched') return undefined;
  const { override, digest } = plane.components[fix.component] ?? {};
  const target = plan?.targets.find((t) => t.uid === plane.uid);
  const own = target?.digest;
  if (own !== undefined && override === own) return undefined;
  if (override !== undefined) return `its override was overwritten with ${short(override)}`;
  if (lost !== undefined) return lost;
  if (digest !== undefined && digest === own) return undefined;
  const moved = target !== undefined && line !== undefined && line !== target.line;
  return `its override was taken away ${moved ? 'with an upgrade' : 'by others'}`;
}
