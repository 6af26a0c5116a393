import { byVersion } from '../assembly/lines.ts';
import type { Commit } from '../base/ids.ts';
import type { Facts } from '../life/facts.ts';
import type { Fix, FixLine } from '../life/fix.ts';
import { imagesByDigest } from '../life/scope-of.ts';
import type { LineView } from './fix-view.ts';

/**
 * Who is on a line, by what the fleet says now: its versions in their order, how many control planes, and for a prepared
 * one by whom, as long as nobody is on it.
 */
export type LineNow = Pick<LineView, 'versions' | 'targets' | 'prepared'>;

/**
 * Who is on each line of a fix now. The record has the versions and the count of the moment the line was first seen, and
 * the fleet moves on: a line that came with an upgrade was seen while its control planes still said the version they left.
 * What is recorded stands only for versions that nobody says: of a line that nobody is on, or that all are still on their
 * way to.
 */
export function linesNow(
  { component }: Pick<Fix, 'component'>,
  { fleet, images }: Pick<Facts, 'fleet' | 'images'>,
): (line: Pick<FixLine, 'line' | 'prepared'>) => LineNow {
  const known = imagesByDigest(images);
  const onRelease = new Map<Commit, { readonly versions: Set<string>; targets: number }>();
  for (const { components, version, upgrading } of fleet) {
    const running = components[component];
    const release = running && known.get(running.release)?.commit;
    if (release === undefined) continue;
    const there = onRelease.get(release) ?? { versions: new Set<string>(), targets: 0 };
    onRelease.set(release, there);
    if (!upgrading) there.versions.add(version);
    there.targets += 1;
  }
  return ({ line, prepared }) => {
    const { versions = new Set<string>(), targets = 0 } = onRelease.get(line.release) ?? {};
    const said = new Set([...(prepared ? line.versions : []), ...versions]);
    return {
      versions: said.size > 0 ? [...said].sort(byVersion) : line.versions,
      targets,
      // The record says a moment later that somebody came, and of a closed fix never.
      ...(prepared && targets === 0 && { prepared }),
    };
  };
}

/** Whether control planes have come to it, and all of them have left. */
export const isLeft = ({ targets, prepared }: Pick<LineNow, 'targets' | 'prepared'>): boolean =>
  targets === 0 && prepared === undefined;

/** What is said of a line that everybody has left. */
export const LEFT = 'no control plane is on it any more';
