import type { Digest, Uid } from '../base/ids.ts';
import type { Instant } from '../base/instant.ts';
import type { PlaneStanding } from '../coverage/coverage.ts';
import { type CoverageOf, standingOf } from '../coverage/standing.ts';
import type { ControlPlane, ImageFacts } from '../fleet/control-plane.ts';
import { selects } from '../fleet/selector.ts';
import { isContained } from './evolve.ts';
import type { Facts } from './facts.ts';
import type { Fix, FixLine } from './fix.ts';
import type { Policy } from './policy.ts';

export const imagesByDigest = (images: readonly ImageFacts[]): ReadonlyMap<Digest, ImageFacts> =>
  new Map(images.map((i) => [i.digest, i]));

export const planesByUid = (planes: readonly ControlPlane[]): ReadonlyMap<Uid, ControlPlane> =>
  new Map(planes.map((p) => [p.uid, p]));

/** Uids that are accounted for by name at this moment; an exclusion ends by itself. */
export const excludedUids = (fix: Fix, now: Instant): ReadonlySet<Uid> =>
  new Set(fix.exclusions.filter((e) => e.until > now).map((e) => e.uid));

/** What coverage must know of the fix, read off its lines. */
export function coverageScope(fix: Fix, policy: Policy, now: Instant): CoverageOf {
  const said = Object.values(fix.lines)
    .map((line) => ({ line, has: releaseHas(line) }))
    .filter((l): l is { line: FixLine; has: 'fix' | 'no defect' | 'defect' } => l.has !== undefined);
  return {
    fix: fix.id,
    component: fix.component,
    releases: new Map(said.map(({ line, has }) => [line.line.release, { line: line.line.name, has }])),
    excluded: excludedUids(fix, now),
    silentAfterMs: policy.silentAfterMs,
  };
}

/** What a line's release is known to have; undefined until it was assembled. */
function releaseHas(line: FixLine): 'fix' | 'no defect' | 'defect' | undefined {
  if (line.notAffected) return 'no defect';
  if (line.assembly === undefined) return line.prerequisites.length > 0 ? 'defect' : undefined;
  return isContained(line) ? 'fix' : 'defect';
}

/** Where every control plane of the fleet stands towards the fix, in fleet order. */
export function standings(
  fix: Fix,
  facts: Pick<Facts, 'policy' | 'fleet' | 'images'>,
  now: Instant,
): PlaneStanding[] {
  const of = coverageScope(fix, facts.policy, now);
  const images = imagesByDigest(facts.images);
  return facts.fleet.map((plane) => standingOf({ plane, of, images, now }));
}

/** The freeze that covers a control plane now, the one that ends last. */
export function freezeOf(policy: Policy, plane: ControlPlane, now: Instant) {
  return policy.freezes
    .filter((f) => f.from <= now && now < f.to && selects(f.selector, plane))
    .reduce<{ name: string; until: Instant } | undefined>(
      (last, f) => (last === undefined || f.to > last.until ? { name: f.name, until: f.to } : last),
      undefined,
    );
}
