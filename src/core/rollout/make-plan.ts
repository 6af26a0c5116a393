import { hashOf, sha256 } from '../base/hash.ts';
import type { Digest, FixId, Uid } from '../base/ids.ts';
import type { Instant } from '../base/instant.ts';
import { type ControlPlane, type ImageFacts, pastRate } from '../fleet/control-plane.ts';
import { USUAL_RATE } from '../health/field.ts';
import { type Pace, paceOf } from '../pace/pace.ts';
import type { Urgency } from '../pace/urgency.ts';
import type { Control, LeftOut, Limits, Membership, Plan, PlanBody, Target } from './plan.ts';
import { inStages, type Staged, type StageSpec } from './stages.ts';

/** A candidate's image a line may be given, or why it may not be given yet. */
export type LineImage =
  | { readonly line: string; readonly digest: Digest; readonly fixes: readonly FixId[] }
  | { readonly line: string; readonly missing: string };

/** One exposed control plane, with the release line it is on and any freeze that covers it. */
export type Candidate = {
  readonly plane: ControlPlane;
  readonly line: string;
  /** Shows the incident's symptom: unhealthy, and still to be started, first of all. */
  readonly burning?: boolean;
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
  readonly controls: readonly ControlPlane[];
  readonly stages: readonly StageSpec[];
  readonly pace: Partial<Pace>;
  readonly urgency: Urgency;
  readonly limits: Limits;
  readonly at: Instant;
  readonly validUntil: Instant;
}): Plan {
  const byLine = new Map(input.lineImages.map((l) => [l.line, l]));
  const targets: Staged[] = [];
  const leftOut: LeftOut[] = [...input.leftOut];
  for (const candidate of input.candidates) {
    const made = target(candidate, byLine.get(candidate.line), input);
    if ('because' in made) leftOut.push(made);
    else targets.push({ target: made, plane: candidate.plane });
  }
  const { staged, stages } = inStages(inRandomOrder(input.fix, targets), input.stages);
  return identified({
    fix: input.fix,
    policy: input.policy,
    at: input.at,
    validUntil: input.validUntil,
    targets: staged,
    controls: controlsOf(input.fix, staged, input.controls),
    leftOut: leftOut.sort((a, b) => (a.uid < b.uid ? -1 : 1)),
    stages,
    pace: paceOf(input.pace),
    urgency: input.urgency,
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
  { plane, line, burning, frozen }: Candidate,
  image: LineImage | undefined,
  input: { readonly component: string; readonly images: ReadonlyMap<Digest, ImageFacts> },
): Omit<Target, 'stage'> | LeftOut {
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
  if (plane.held !== undefined) return out(plane.held);
  if (plane.unhealthy !== undefined && !burning) return out('unhealthy before the change');
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
    ...membership(plane),
    component: input.component,
    line,
    digest: image.digest,
    from: running.digest,
    ...(running.override !== undefined && { fromOverride: running.override }),
  };
}

/** Platform and minor version, region, customer, and its own past. */
function membership(plane: ControlPlane): Membership {
  const minor = plane.version.split('.').slice(0, 2).join('.');
  const rate = plane.served?.rate ?? (plane.past && pastRate(plane.past));
  return {
    region: plane.region,
    customer: plane.customer,
    stratum: `${plane.platform} ${minor}`,
    ...(plane.served && { weight: plane.served.planes }),
    ...(rate !== undefined && { rate }),
  };
}

function inRandomOrder<T extends { readonly plane: { readonly uid: Uid } }>(
  fix: FixId,
  of: readonly T[],
): T[] {
  return of
    .map((t) => ({ t, key: sha256(`${fix}/${t.plane.uid}`) }))
    .sort((a, b) => (a.key < b.key ? -1 : 1))
    .map(({ t }) => t);
}

/** Of those in the targets' regions, as many as say something, whichever the keyed hash draws. */
function controlsOf(fix: FixId, targets: readonly Target[], planes: readonly ControlPlane[]): Control[] {
  const regions = Map.groupBy(targets, (t) => t.region);
  const near = planes.filter((p) => regions.has(p.region) && p.unhealthy === undefined);
  const drawn = inRandomOrder(
    fix,
    near.map((plane) => ({ plane })),
  );
  const taken = new Map<string, number>();
  const controls: Control[] = [];
  for (const { plane } of drawn) {
    const before = taken.get(plane.region) ?? 0;
    if (before >= CONTROLS_PER_REGION_MAX) continue;
    taken.set(plane.region, before + 1);
    controls.push({ uid: plane.uid, managementCluster: plane.managementCluster, ...membership(plane) });
  }
  return controls;
}

const CONTROLS_PER_REGION_MAX = 200;

/** Bad episodes an hour that are expected of a target anyway. */
export const pastRateOf = ({ rate }: Pick<Membership, 'rate'>): number => rate ?? USUAL_RATE;
