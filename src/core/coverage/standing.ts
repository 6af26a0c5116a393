import type { Digest, FixId, Uid } from '../base/ids.ts';
import type { Instant, Ms } from '../base/instant.ts';
import { type ControlPlane, type ImageFacts, isSilent } from '../fleet/control-plane.ts';
import type { Coverage, PlaneStanding, Standing } from './coverage.ts';

/** What coverage must know of a fix: which releases have it, which do not need it, who is taken out. */
export type CoverageOf = {
  readonly fix: FixId;
  readonly component: string;
  /** By release commit, what assembly or a person said. */
  readonly releases: ReadonlyMap<
    string,
    { readonly line: string; readonly has: 'fix' | 'no defect' | 'defect' }
  >;
  /** Uids accounted for by name at this moment. */
  readonly excluded: ReadonlySet<Uid>;
  readonly silentAfterMs: Ms;
};

/** Why one that runs an image without known contents stands as unknown. */
export const FOREIGN_IMAGE = 'nobody knows what is in the image it runs';

/** Where one control plane stands, by what was seen to run. Silence and the unheard-of are unknown. */
export function standingOf(input: {
  readonly plane: ControlPlane;
  readonly of: CoverageOf;
  readonly images: ReadonlyMap<Digest, ImageFacts>;
  readonly now: Instant;
}): PlaneStanding {
  const { plane, of, images, now } = input;
  const running = plane.components[of.component];
  const image = running?.digest === undefined ? undefined : images.get(running.digest);
  // What runs decides. The release speaks only for itself: a foreign image says nothing of what is in it.
  const release =
    running?.digest === undefined ? running && images.get(running.release)?.commit : image?.release;
  const said = release === undefined ? undefined : of.releases.get(release);
  const answer = (standing: Standing, because: string): PlaneStanding => ({
    uid: plane.uid,
    standing,
    because,
    ...(running?.digest && { digest: running.digest }),
    ...(said && { line: said.line }),
  });
  // Exposed, unless a name accounts for it: silence and doubt are named the same way.
  const orExcluded = (standing: 'exposed' | 'unknown', because: string) =>
    of.excluded.has(plane.uid)
      ? answer('excluded', `left out by name; ${because}`)
      : answer(standing, because);

  if (running === undefined) return answer('unaffected', `does not run ${of.component}`);
  if (isSilent(plane, of.silentAfterMs, now))
    return orExcluded('unknown', `nothing heard since ${plane.reportedAt}`);
  if (running.digest === undefined) return orExcluded('exposed', 'changing images');
  if (image?.fixes.includes(of.fix)) return answer('patched', `runs an image that contains ${of.fix}`);
  if (release === undefined) return orExcluded('unknown', FOREIGN_IMAGE);
  if (said === undefined) return orExcluded('unknown', 'its release has not been looked at yet');
  if (said.has === 'fix') return answer('native', `its release ${said.line} contains the fix`);
  if (said.has === 'no defect') return answer('unaffected', `${said.line} has no such defect`);
  return orExcluded('exposed', `runs ${said.line} without the fix`);
}

/** Adds standings up. `exposed` counts everything that needs the fix, patched and unknown included. */
export function coverageOf(standings: readonly Pick<PlaneStanding, 'standing'>[]): Coverage {
  const count = (standing: Standing) => standings.filter((s) => s.standing === standing).length;
  const [patched, waiting, excluded, unknown] = [
    count('patched'),
    count('exposed'),
    count('excluded'),
    count('unknown'),
  ];
  const exposed = patched + waiting + excluded + unknown;
  return {
    exposed,
    patched,
    waiting,
    excluded,
    unknown,
    native: count('native'),
    unaffected: count('unaffected'),
    percent: exposed === 0 ? 100 : Math.floor((100 * patched) / exposed),
  };
}

/** The finish line: everyone exposed is patched or accounted for by name, and nobody is unknown. */
export const isCovered = (c: Coverage): boolean => c.waiting === 0 && c.unknown === 0;
