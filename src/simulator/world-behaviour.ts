import type { Commit, Digest } from '../core/base/ids.ts';
import type { Ms } from '../core/base/instant.ts';
import { exhaustive } from '../core/base/result.ts';
import { type PlaneFacts, uuid } from './fleet.ts';
import { chance, hexDigits, lognormalMs, stream, weightedPick } from './random.ts';
import { fetchOrders } from './world-orders.ts';
import type { Fault } from './world-spec.ts';
import {
  addPlane,
  addRelease,
  type Cluster,
  dropPlane,
  type Happening,
  isHeld,
  isLost,
  isSilentNow,
  later,
  nowOf,
  type Plane,
  type PlaneHappening,
  type State,
  scheduleArrival,
  scheduleFate,
  scheduleSilence,
  touch,
  wantedOf,
} from './world-state.ts';

/** Lets everything happen that is due up to and including `untilMs`, and leaves time there. */
export function elapse(state: State, untilMs: Ms): void {
  while (state.queue.firstAtMs() <= untilMs) {
    const due = state.queue.shift()!;
    state.nowMs = due.atMs;
    happen(state, due.event);
  }
  state.nowMs = untilMs;
}

function happen(state: State, happening: Happening): void {
  if ('uid' in happening) {
    const plane = state.planes.get(happening.uid);
    // It was deleted in the meantime; what was to become of it does not matter.
    if (plane !== undefined) befall(state, plane, happening);
  } else if (happening.kind === 'arrive') arrive(state);
  else if (happening.kind === 'fall silent') fallSilent(state, state.clusters.get(happening.cluster)!);
  else speakAgain(state, state.clusters.get(happening.cluster)!);
}

function befall(state: State, plane: Plane, happening: PlaneHappening): void {
  switch (happening.kind) {
    case 'converge':
      if (happening.rollout === plane.rollout) converge(state, plane);
      break;
    case 'stall':
      if (happening.rollout === plane.rollout) ail(state, plane, { stall: PULL_BACK_OFF });
      break;
    case 'image ails':
      if (happening.stay === plane.stay) ail(state, plane, { image: happening.because });
      break;
    case 'fate':
      meetFate(state, plane);
      break;
    case 'recover':
      if (state.nowMs >= plane.sickUntilMs) ail(state, plane, { other: undefined });
      break;
    case 'found':
      if (!isLost(state, plane)) touch(state, plane);
      break;
    case 'release hold':
      // What was asked of it while it was held is done now; a rollout that was under way has gone on.
      if (!isHeld(state, plane)) startRollout(state, plane);
      break;
    case 'start upgrade':
      startUpgrade(state, plane, happening.to);
      break;
    case 'end upgrade':
      endUpgrade(state, plane);
      break;
    default:
      exhaustive(happening);
  }
}

const PULL_BACK_OFF = 'image pull back off';

function ail(state: State, plane: Plane, change: Plane['ailments']): void {
  Object.assign(plane.ailments, change);
  touch(state, plane);
}

/** Begins to bring the control plane to what its lever and release ask for, unless it is on its way there. */
export function startRollout(state: State, plane: Plane): void {
  touch(state, plane);
  const wanted = wantedOf(plane);
  if (isHeld(state, plane) || plane.rollingTo === wanted) return;
  plane.rollout += 1;
  plane.rollingTo = undefined;
  plane.ailments.stall = undefined;
  if (plane.digest === wanted) return;
  plane.rollingTo = wanted;
  const { nature, fleet } = state.founding;
  const { uid, rollout } = plane;
  const luck = stream(fleet.seed, 'rollout', uid, rollout);
  const factor = plane.availability === 'SingleReplica' ? nature.singleReplicaFactor : 1;
  const tookMs = Math.max(1, Math.round(lognormalMs(luck, nature.rollout) * factor));
  const stalls = chance(luck, nature.stallShare) && !plane.known.has(wanted);
  const isPullable = state.images.has(wanted);
  // Without the image no pod of it ever starts, so what ran goes on running alone.
  if (isPullable) plane.digest = undefined;
  if (stalls || !isPullable) later(state, nature.stallSeenAfterMs, { kind: 'stall', uid, rollout });
  else later(state, tookMs, { kind: 'converge', uid, rollout });
}

function converge(state: State, plane: Plane): void {
  const digest = plane.rollingTo!;
  plane.rollingTo = undefined;
  runs(state, plane, digest);
}

/** Now only this image runs: what the one before did to it is over, and what this one does begins. */
function runs(state: State, plane: Plane, digest: Digest): void {
  plane.digest = digest;
  plane.stay += 1;
  plane.known.add(digest);
  state.record.ran.push({ uid: plane.uid, digest, at: nowOf(state) });
  ail(state, plane, { image: undefined, stall: undefined });
  for (const fault of state.faults) suffer(state, plane, fault);
}

/** Whether and when an image's defect strikes is decided once for a control plane, an image and a fault. */
export function suffer(state: State, plane: Plane, fault: Fault): void {
  const { digest, uid, stay } = plane;
  if (digest === undefined || !isIn(state, fault, digest)) return;
  const luck = stream(state.founding.fleet.seed, 'fault', uid, digest, fault.name);
  const strikes = chance(luck, fault.rate);
  const delayMs = lognormalMs(luck, fault.delay);
  if (strikes) later(state, delayMs, { kind: 'image ails', uid, stay, because: fault.because });
}

function isIn(state: State, fault: Fault, digest: Digest): boolean {
  if (fault.digest !== undefined) return fault.digest === digest;
  return fault.commit !== undefined && state.images.get(digest)?.commit === fault.commit;
}

function meetFate(state: State, plane: Plane): void {
  const { nature } = state.founding;
  const { luck } = plane;
  const fates = [
    {
      rate: nature.sickPerPlaneHour,
      meet: () => sicken(state, plane, 'etcd lost its leader', lognormalMs(luck, nature.sickFor)),
    },
    { rate: nature.lostPerPlaneHour, meet: () => lose(state, plane, lognormalMs(luck, nature.lostFor)) },
    { rate: nature.upgradedPerPlaneHour, meet: () => upgradeToNext(state, plane) },
    {
      rate: nature.deletedPerPlaneHour,
      meet: () => destroy(state, plane, { recreate: chance(luck, nature.recreatedShare) }),
    },
  ];
  weightedPick(fates, (fate) => fate.rate)(luck()).meet();
  if (state.planes.has(plane.uid)) scheduleFate(state, plane);
}

export function sicken(state: State, plane: Plane, because: string, forMs: Ms): void {
  plane.sickUntilMs = Math.max(plane.sickUntilMs, state.nowMs + forMs);
  ail(state, plane, { other: because });
  later(state, forMs, { kind: 'recover', uid: plane.uid });
}

export function lose(state: State, plane: Plane, forMs: Ms): void {
  plane.lostUntilMs = Math.max(plane.lostUntilMs, state.nowMs + forMs);
  touch(state, plane);
  later(state, forMs, { kind: 'found', uid: plane.uid });
}

export function hold(state: State, plane: Plane, forMs: Ms): void {
  plane.heldUntilMs = Math.max(plane.heldUntilMs, state.nowMs + forMs);
  touch(state, plane);
  later(state, forMs, { kind: 'release hold', uid: plane.uid });
}

export function destroy(state: State, plane: Plane, how: { readonly recreate: boolean }): void {
  dropPlane(state, plane);
  if (!how.recreate) return;
  const facts: PlaneFacts = {
    uid: uuid(hexDigits(plane.luck, 32)),
    name: plane.name,
    managementCluster: plane.managementCluster,
    region: plane.region,
    sector: plane.sector,
    customer: plane.customer,
    platform: plane.platform,
    availability: plane.availability,
    version: plane.version,
    release: plane.release,
  };
  addPlane(state, facts);
}

function arrive(state: State): void {
  create(state);
  scheduleArrival(state);
}

export function create(state: State): void {
  addPlane(
    state,
    state.maker.make(state.made, (name) => !state.names.has(name)),
  );
  state.made += 1;
}

function upgradeToNext(state: State, plane: Plane): void {
  const newer = state.releases
    .filter((release) => compareVersions(release.version, plane.version) > 0)
    .sort((a, b) => compareVersions(a.version, b.version))[0];
  if (newer !== undefined) startUpgrade(state, plane, newer);
}

/** By the numbers in them: 4.9.2 is below 4.10.0. */
function compareVersions(a: string, b: string): number {
  const [x, y] = [a, b].map((version) => (version.match(/\d+/g) ?? []).map(Number));
  for (let i = 0; i < Math.max(x!.length, y!.length); i += 1) {
    const difference = (x![i] ?? -1) - (y![i] ?? -1);
    if (difference !== 0) return difference;
  }
  return 0;
}

/**
 * The pods of the component are the first to come from the new release; the version follows at the
 * end. An override stays, as the real thing's does: the old image then runs the new release.
 */
function startUpgrade(state: State, plane: Plane, to: { version: string; commit: Commit }): void {
  if (plane.upgrading !== undefined || plane.version === to.version) return;
  plane.upgrading = { version: to.version, commit: to.commit };
  plane.release = addRelease(state, to.commit);
  startRollout(state, plane);
  const luck = stream(state.founding.fleet.seed, 'upgrade', plane.uid, to.version);
  later(state, lognormalMs(luck, state.founding.nature.upgradeFor), { kind: 'end upgrade', uid: plane.uid });
}

function endUpgrade(state: State, plane: Plane): void {
  plane.version = plane.upgrading!.version;
  plane.upgrading = undefined;
  touch(state, plane);
}

function fallSilent(state: State, cluster: Cluster): void {
  silence(state, cluster, lognormalMs(cluster.luck, state.founding.nature.silentFor));
  scheduleSilence(state, cluster);
}

export function silence(state: State, cluster: Cluster, forMs: Ms): void {
  cluster.silentUntilMs = Math.max(cluster.silentUntilMs, state.nowMs + forMs);
  later(state, forMs, { kind: 'speak again', cluster: cluster.name });
}

/** What it had not said yet of refusals and deletions is lost with its memory; what it sees it says anew. */
export function crash(cluster: Cluster): void {
  cluster.gone.length = 0;
  cluster.refused.length = 0;
  cluster.seen.clear();
  cluster.unsaid.full = true;
  cluster.unsaid.gone = [];
  cluster.unsaid.refused = [];
}

/** An agent that is back fetches what was left for it and says everything it knows. */
function speakAgain(state: State, cluster: Cluster): void {
  if (isSilentNow(state, cluster)) return;
  cluster.unsaid.full = true;
  for (const plane of fetchOrders(state, cluster)) startRollout(state, plane);
}

/** Control planes that waited for an image find it in the registry now. */
export function pullAgain(state: State, digest: Digest): void {
  for (const plane of state.planes.values()) {
    if (plane.rollingTo !== digest) continue;
    plane.rollingTo = undefined;
    startRollout(state, plane);
  }
}
