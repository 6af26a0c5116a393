import type { Digest, Uid } from '../base/ids.ts';
import { DAY, epochMs, type Instant, MINUTE } from '../base/instant.ts';
import type { PlaneStanding } from '../coverage/coverage.ts';
import { type CoverageOf, standingOf } from '../coverage/standing.ts';
import type { ControlPlane, ImageFacts } from '../fleet/control-plane.ts';
import { selects } from '../fleet/selector.ts';
import { isContained } from './evolve.ts';
import type { Facts } from './facts.ts';
import type { Fix, FixLine } from './fix.ts';
import { DAYS, type Policy, type Window } from './policy.ts';

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

/** Why people's calendar keeps a control plane from being changed now: a freeze, or no window is open. */
export function heldBy(policy: Policy, plane: ControlPlane, now: Instant): string | undefined {
  const freeze = freezeOf(policy, plane, now);
  if (freeze) return `frozen (${freeze.name}) until ${freeze.until}`;
  return isOpen(policy.windows, now) ? undefined : 'outside the windows of the policy';
}

/** Whether one of the windows is open; always where there are none. */
export function isOpen(windows: readonly Window[], now: Instant): boolean {
  if (windows.length === 0) return true;
  const ms = epochMs(now);
  // 1970-01-01 was a Thursday.
  const day = DAYS[(Math.floor(ms / DAY) + 4) % 7]!;
  const minute = Math.floor((ms % DAY) / MINUTE);
  return windows.some((w) => w.days.includes(day) && w.fromMinute <= minute && minute < w.toMinute);
}
