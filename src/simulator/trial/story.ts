import type { Digest, FixId, PlanId, Uid } from '../../core/base/ids.ts';
import type { Instant } from '../../core/base/instant.ts';
import type { ControlPlane, ImageFacts } from '../../core/fleet/control-plane.ts';
import type { Report } from '../../core/fleet/report.ts';
import type { Recorded } from '../../core/life/event.ts';
import { evolve } from '../../core/life/evolve.ts';
import type { Fix } from '../../core/life/fix.ts';
import type { SignedOrder } from '../../core/rollout/order.ts';
import type { Plan } from '../../core/rollout/plan.ts';
import type { StoredAnswer } from '../../ports/ledger.ts';

/** What an append wrote, all or nothing. `now`: simulated time at which it was written. */
export type Written = {
  readonly rows: readonly Recorded[];
  readonly orders: readonly SignedOrder[];
  readonly images: readonly ImageFacts[];
  readonly answer?: StoredAnswer | undefined;
  readonly now: Instant;
};

/** A control plane as a hub was told of it, and when. */
export type Sighting = { readonly plane: Omit<ControlPlane, 'reportedAt'>; readonly at: Instant };

/** What people or a hub have put on the rollout: nothing may be started under either. */
export type Brakes = {
  readonly paused: boolean;
  readonly halted: boolean;
  /** Strata that were halted alone. */
  readonly strata: readonly string[];
};

/** A fix as it was after each of its versions, for what screens say of it. */
type Moment = {
  readonly state: Fix['state'];
  readonly brakes: Brakes;
  /** A rollout is under way; what is over is not shown as paused. */
  readonly isMoving: boolean;
};

/**
 * What happened in a trial as seen from outside the hubs: what was written, what was reported, what was
 * handed over. Checkers read it; only `tell…` below change it.
 */
export type Story = {
  readonly rows: Recorded[];
  readonly fixes: Map<FixId, Fix>;
  readonly moments: Map<FixId, Moment[]>;
  readonly plans: Map<PlanId, Plan>;
  readonly images: Map<Digest, ImageFacts>;
  /** Written with an event. By key. */
  readonly orders: Map<string, SignedOrder>;
  readonly sequences: Map<Uid, number>;
  readonly answers: Map<string, StoredAnswer>;
  /** By uid: the last one before this step, and every one since. Not there after the step in which it was gone. */
  readonly sightings: Map<Uid, Sighting[]>;
  /** Of each management cluster. */
  readonly heardAt: Map<string, Instant>;
  /** Control planes out of their agent's sight, and when it could last speak for them. */
  readonly lostAt: Map<Uid, Instant>;
  /** Gone since this step began: who looked before may still have counted it. */
  readonly gone: Set<Uid>;
};

export const newStory = (): Story => ({
  rows: [],
  fixes: new Map(),
  moments: new Map(),
  plans: new Map(),
  images: new Map(),
  orders: new Map(),
  sequences: new Map(),
  answers: new Map(),
  sightings: new Map(),
  heardAt: new Map(),
  lostAt: new Map(),
  gone: new Set(),
});

const NO_BRAKES: Brakes = { paused: false, halted: false, strata: [] };

export const brakesOf = (story: Story, fix: FixId): Brakes =>
  story.moments.get(fix)?.at(-1)?.brakes ?? NO_BRAKES;

/** Adds one row to the story, after it was checked. */
export function tellRow(story: Story, row: Recorded): void {
  story.rows.push(row);
  const fix = evolve(story.fixes.get(row.fix), row);
  story.fixes.set(row.fix, fix);
  const moments = story.moments.get(row.fix) ?? [];
  const isMoving = fix.rollout !== undefined && fix.rollout.endedAt === undefined;
  moments.push({ state: fix.state, brakes: braked(brakesOf(story, row.fix), row), isMoving });
  story.moments.set(row.fix, moments);
}

/** Told apart from the hub's own fold, so that a fault there does not hide itself. */
function braked(before: Brakes, { event }: Recorded): Brakes {
  switch (event.type) {
    case 'Paused':
      return { ...before, paused: true };
    case 'Resumed':
      return { ...before, paused: false };
    case 'Halted':
      return event.stratum === undefined
        ? { ...before, halted: true }
        : { ...before, strata: [...before.strata, event.stratum] };
    case 'RolloutStarted':
      return NO_BRAKES;
    default:
      return before;
  }
}

/** What was written besides the rows. */
export function tellWritten(story: Story, { orders, images, answer }: Written): void {
  for (const order of orders) {
    story.orders.set(order.key, order);
    story.sequences.set(order.uid, order.sequence);
  }
  for (const image of images) story.images.set(image.digest, image);
  if (answer) story.answers.set(`${answer.actor} ${answer.key}`, answer);
}

/** A report that a hub has taken in, whatever became of the answer. */
export function tellReport(story: Story, report: Report, at: Instant): void {
  const { managementCluster, planes, lost } = report;
  for (const uid of lost)
    if (!story.lostAt.has(uid)) story.lostAt.set(uid, story.heardAt.get(managementCluster) ?? at);
  for (const { uid } of planes) {
    story.gone.delete(uid);
    if (!lost.includes(uid)) story.lostAt.delete(uid);
  }
  story.heardAt.set(managementCluster, at);
  const named = new Set([...planes.map((p) => p.uid), ...lost]);
  for (const [uid, seen] of story.sightings)
    if (report.full && clusterOf(seen) === managementCluster && !named.has(uid)) story.gone.add(uid);
  for (const uid of report.gone)
    if (clusterOf(story.sightings.get(uid)) === managementCluster) story.gone.add(uid);
  for (const plane of planes) tellSighting(story, { plane, at });
  for (const { digest, component, commit } of report.images)
    if (!story.images.has(digest))
      story.images.set(digest, { digest, component, fixes: [], ...(commit && { commit, release: commit }) });
}

/** When a control plane was last spoken for; undefined when it never was. */
export const heardOf = (story: Story, uid: Uid): Instant | undefined =>
  story.lostAt.get(uid) ?? story.heardAt.get(clusterOf(story.sightings.get(uid)) ?? '');

const clusterOf = (seen: readonly Sighting[] | undefined): string | undefined =>
  seen?.at(-1)?.plane.managementCluster;

function tellSighting(story: Story, sighting: Sighting): void {
  const seen = story.sightings.get(sighting.plane.uid) ?? [];
  seen.push(sighting);
  story.sightings.set(sighting.plane.uid, seen);
}

/** A step is over: of what was seen in it only the last counts from now on. */
export function endStep(story: Story): void {
  for (const uid of story.gone) story.sightings.delete(uid);
  story.gone.clear();
  for (const seen of story.sightings.values()) if (seen.length > 1) seen.splice(0, seen.length - 1);
}
