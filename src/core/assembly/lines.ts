import type { Commit, Digest, FixId } from '../base/ids.ts';
import { short } from '../base/ids.ts';
import type { ControlPlane, ImageFacts } from '../fleet/control-plane.ts';
import type { Line } from './assembly.ts';

/**
 * The lines of a component: control planes grouped by the commit of the release image they are on.
 *
 * `carries` are the fixes of ours that run anywhere on the line, in ledger order, and those in `keep`:
 * a candidate is the release commit plus all of them. Control planes whose release image nobody knows
 * are on no line. A prepared line is there before its first control plane, and keeps its name. The answer does not depend on the order of its inputs.
 */
export function linesOf(input: {
  readonly component: string;
  readonly planes: readonly ControlPlane[];
  readonly images: ReadonlyMap<Digest, ImageFacts>;
  /** Fixes being delivered or delivered that a candidate must keep wherever they are not contained. */
  readonly keep: readonly FixId[];
  readonly prepared?: readonly Pick<Line, 'name' | 'release' | 'versions'>[];
}): Line[] {
  const groups = new Map<Commit, Group>();
  for (const { release } of input.prepared ?? []) groups.set(release, emptyGroup(input.keep));
  for (const plane of input.planes) {
    const running = plane.components[input.component];
    const release = running && input.images.get(running.release)?.commit;
    if (release === undefined) continue;
    const group = groups.get(release) ?? emptyGroup(input.keep);
    groups.set(release, group);
    const versions = plane.upgrading ? group.left : group.versions;
    versions.set(plane.version, (versions.get(plane.version) ?? 0) + 1);
    group.targets += 1;
    const image = running?.digest && input.images.get(running.digest);
    if (image && image.release === release) for (const fix of image.fixes) group.fixes.add(fix);
  }
  const lines = [...groups].map(([release, group]) => ({
    ...namedBy(
      group,
      input.prepared?.find((p) => p.release === release),
    ),
    component: input.component,
    base: release,
    release,
    carries: [...group.fixes].sort(byNumber),
    targets: group.targets,
  }));
  return withDistinctNames(lines).sort((a, b) => byVersion(a.name, b.name));
}

/** `versions`: how many say they have each; `left`: the same of those that are being upgraded and say where they come from. */
type Group = {
  readonly versions: Map<string, number>;
  readonly left: Map<string, number>;
  readonly fixes: Set<FixId>;
  targets: number;
};

const emptyGroup = (keep: readonly FixId[]): Group => ({
  ...{ versions: new Map(), left: new Map() },
  fixes: new Set(keep),
  targets: 0,
});

/** A prepared line has its name; else one that is being upgraded names it only where nobody else does. */
function namedBy(
  { versions, left }: Group,
  prepared: Pick<Line, 'name' | 'versions'> | undefined,
): Pick<Line, 'name' | 'versions'> {
  const said = versions.size > 0 || prepared ? versions : left;
  const all = new Set([...(prepared?.versions ?? []), ...said.keys()]);
  return { name: prepared?.name ?? lineName(said), versions: [...all].sort(byVersion) };
}

/**
 * `4.19.11`, or `4.19.11+2` when control planes of two more versions are on the same commit. The version most
 * of them say they have comes first: one that is being upgraded may run the new release under its old version.
 */
function lineName(versions: ReadonlyMap<string, number>): string {
  const [first, ...others] = [...versions].sort(([a, n], [b, m]) => m - n || byVersion(a, b));
  return others.length === 0 ? first![0] : `${first![0]}+${others.length}`;
}

/** Two commits under one version (a release built twice) are told apart by commit. */
function withDistinctNames(lines: readonly Line[]): Line[] {
  const twice = (name: string) => lines.filter((l) => l.name === name).length > 1;
  return lines.map((l) => (twice(l.name) ? { ...l, name: `${l.name}-${short(l.release)}` } : l));
}

const byNumber = (a: FixId, b: FixId): number => Number(a.slice(4)) - Number(b.slice(4));

/** Made once: a comparison of its own for every pair costs a hundred times as much. */
const NATURAL = new Intl.Collator('en', { numeric: true });

/** Versions in their natural order: 4.9 before 4.10. */
export const byVersion = (a: string, b: string): number => NATURAL.compare(a, b);
