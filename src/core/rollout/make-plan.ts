import { hashOf, sha256 } from '../base/hash.ts';
import type { Digest, FixId, Uid } from '../base/ids.ts';
import type { Instant } from '../base/instant.ts';
import { limitOf } from '../base/limit.ts';
import type { ControlPlane, ImageFacts } from '../fleet/control-plane.ts';
import type { LeftOut, Limits, Plan, PlanBody, Target, WaveLimits } from './plan.ts';

/** Wave sizes in order: a count, or a share of the targets in percent. What is left over is the last wave. */
export type WaveSize = { readonly count: number } | { readonly percent: number };

/** A candidate's image a line may be given, or why it may not be given yet. */
export type LineImage =
  | { readonly line: string; readonly digest: Digest; readonly fixes: readonly FixId[] }
  | { readonly line: string; readonly missing: string };

/** One exposed control plane, with the release line it is on and any freeze that covers it. */
export type Candidate = {
  readonly plane: ControlPlane;
  readonly line: string;
  readonly frozen?: { readonly name: string; readonly until: Instant };
};

/**
 * Makes the plan: every exposed control plane is either a target or left out with a printable reason.
 *
 * Order inside the plan is random but fixed by fix and uid (a keyed hash), so that neither names nor
 * ages choose who goes first. Same input, same plan, same hash.
 */
export function makePlan(input: {
  readonly fix: FixId;
  readonly component: string;
  readonly policy: string;
  readonly candidates: readonly Candidate[];
  readonly leftOut: readonly LeftOut[];
  readonly lineImages: readonly LineImage[];
  readonly images: ReadonlyMap<Digest, ImageFacts>;
  readonly waves: { readonly sizes: readonly WaveSize[]; readonly soakMs: number };
  readonly limits: Limits;
  readonly at: Instant;
  readonly validUntil: Instant;
}): Plan {
  const byLine = new Map(input.lineImages.map((l) => [l.line, l]));
  const targets: Omit<Target, 'wave'>[] = [];
  const leftOut: LeftOut[] = [...input.leftOut];
  for (const candidate of input.candidates) {
    const made = target(candidate, byLine.get(candidate.line), input);
    if ('because' in made) leftOut.push(made);
    else targets.push(made);
  }
  const ordered = inRandomOrder(input.fix, targets);
  const sizes = waveSizes(input.waves.sizes, ordered.length);
  return identified({
    fix: input.fix,
    policy: input.policy,
    at: input.at,
    validUntil: input.validUntil,
    targets: withWaves(ordered, sizes),
    leftOut: leftOut.sort((a, b) => (a.uid < b.uid ? -1 : 1)),
    waves: sizes.map((size): WaveLimits => ({ size, soakMs: input.waves.soakMs })),
    limits: input.limits,
  });
}

/** Gives a plan its hash and id. */
export function identified(body: PlanBody): Plan {
  const hash = hashOf(body);
  return { ...body, hash, id: `P-${hash.slice(0, 8)}` };
}

/** Whether a plan is what its id and hash say it is. */
export function isIntact(plan: Plan): boolean {
  const { id, hash, ...body } = plan;
  return hashOf(body) === hash && id === `P-${hash.slice(0, 8)}`;
}

function target(
  { plane, line, frozen }: Candidate,
  image: LineImage | undefined,
  input: { readonly component: string; readonly images: ReadonlyMap<Digest, ImageFacts> },
): Omit<Target, 'wave'> | LeftOut {
  const running = plane.components[input.component];
  const out = (because: string, until?: Instant): LeftOut => ({
    uid: plane.uid,
    name: plane.name,
    because,
    ...(until !== undefined && { until }),
  });
  if (image === undefined) return out(`line ${line} is not assembled`);
  if ('missing' in image) return out(`line ${line}: ${image.missing}`);
  if (frozen) return out(`frozen (${frozen.name})`, frozen.until);
  if (plane.paused) return out('reconciling is paused at the source');
  if (plane.upgrading) return out('an upgrade is running');
  if (plane.unhealthy !== undefined) return out('unhealthy before the change');
  if (running?.digest === undefined) return out('changing images already');
  const set = running.override && input.images.get(running.override);
  if (running.override !== undefined && (set === undefined || set.fixes.length === 0)) {
    return out('its override is not ours');
  }
  // What its lever asks for counts as well as what runs: the pods may not have followed yet.
  const carried = [...new Set([...(input.images.get(running.digest)?.fixes ?? []), ...(set?.fixes ?? [])])];
  const lost = carried.filter((fix) => !image.fixes.includes(fix));
  if (lost.length > 0) return out(`would lose ${lost.join(', ')}`);
  return {
    uid: plane.uid,
    name: plane.name,
    managementCluster: plane.managementCluster,
    component: input.component,
    line,
    digest: image.digest,
    from: running.digest,
    ...(running.override !== undefined && { fromOverride: running.override }),
  };
}

function inRandomOrder<T extends { readonly uid: Uid }>(fix: FixId, targets: readonly T[]): T[] {
  return targets
    .map((t) => ({ t, key: sha256(`${fix}/${t.uid}`) }))
    .sort((a, b) => (a.key < b.key ? -1 : 1))
    .map(({ t }) => t);
}

/**
 * Sizes that add up to `total`; none is 0. A size that cannot be read counts as 1, never as all, and
 * where no size is given the first wave is one control plane.
 */
export function waveSizes(sizes: readonly WaveSize[], total: number): number[] {
  const out: number[] = [];
  let left = total;
  for (const size of sizes.length > 0 ? sizes : [{ count: 1 }]) {
    const wanted = 'count' in size ? size.count : Math.ceil((total * size.percent) / 100);
    const taken = Math.min(left, limitOf(wanted, 1));
    if (taken > 0) out.push(taken);
    left -= taken;
  }
  return left > 0 ? [...out, left] : out;
}

function withWaves(targets: readonly Omit<Target, 'wave'>[], sizes: readonly number[]): Target[] {
  const ends = sizes.map((_, i) => sizes.slice(0, i + 1).reduce((a, b) => a + b, 0));
  return targets.map((t, i) => ({ ...t, wave: ends.findIndex((end) => i < end) + 1 }));
}
