import type { Commit, Digest, FixId } from '../base/ids.ts';
import { short } from '../base/ids.ts';
import type { ControlPlane, ImageFacts } from '../fleet/control-plane.ts';
import type { Line } from './assembly.ts';

/**
 * The lines of a component: control planes grouped by the commit of the release image they are on.
 *
 * `carries` are the fixes of ours that run anywhere on the line, in ledger order, and those in `keep`:
 * a candidate is the release commit plus all of them. Control planes whose release image nobody knows
 * are on no line. The answer does not depend on the order of its inputs.
 */
export function linesOf(input: {
  readonly component: string;
  readonly planes: readonly ControlPlane[];
  readonly images: ReadonlyMap<Digest, ImageFacts>;
  /** Fixes being delivered or delivered that a candidate must keep wherever they are not contained. */
  readonly keep: readonly FixId[];
}): Line[] {
  const groups = new Map<Commit, { versions: Set<string>; fixes: Set<FixId>; targets: number }>();
  for (const plane of input.planes) {
    const running = plane.components[input.component];
    const release = running && input.images.get(running.release)?.commit;
    if (release === undefined) continue;
    const group = groups.get(release) ?? { versions: new Set(), fixes: new Set(input.keep), targets: 0 };
    groups.set(release, group);
    group.versions.add(plane.version);
    group.targets += 1;
    const image = running?.digest && input.images.get(running.digest);
    if (image && image.release === release) for (const fix of image.fixes) group.fixes.add(fix);
  }
  const lines = [...groups].map(([release, group]) => ({
    name: lineName(group.versions),
    component: input.component,
    base: release,
    release,
    carries: [...group.fixes].sort(byNumber),
    versions: [...group.versions].sort(byVersion),
    targets: group.targets,
  }));
  return withDistinctNames(lines).sort((a, b) => byVersion(a.name, b.name));
}

/** `4.19.11`, or `4.19.11+2` when two more releases were built from the same commit. */
function lineName(versions: ReadonlySet<string>): string {
  const [first, ...others] = [...versions].sort(byVersion);
  return others.length === 0 ? first! : `${first}+${others.length}`;
}

/** Two commits under one version (a release built twice) are told apart by commit. */
function withDistinctNames(lines: readonly Line[]): Line[] {
  const twice = (name: string) => lines.filter((l) => l.name === name).length > 1;
  return lines.map((l) => (twice(l.name) ? { ...l, name: `${l.name}-${short(l.release)}` } : l));
}

const byNumber = (a: FixId, b: FixId): number => Number(a.slice(4)) - Number(b.slice(4));

/** Versions in their natural order: 4.9 before 4.10. */
export function byVersion(a: string, b: string): number {
  return a.localeCompare(b, 'en', { numeric: true });
}
