import { MINUTE, SECOND } from '../../core/base/instant.ts';
import type { Change, LeverOrder } from '../../core/hypershift/levers.ts';
import type { Memory } from '../../core/hypershift/memory.ts';
import type { HostedCluster, Meta } from '../../core/hypershift/objects.ts';
import {
  isKept,
  isTried,
  judgeBack,
  judgePause,
  judgeTry,
  keep,
  type Outcome,
  type PausedPool,
  type Probe,
  type ProbeLook,
  putBack,
  renewed,
  SETTLE_MS,
  type Verdict,
  withBaseline,
} from '../../core/hypershift/probe.ts';
import type { Order } from '../../core/rollout/order.ts';
import type { KubeAnswer } from '../../ports/kube.ts';
import type { AgentParts } from '../parts.ts';
import { pause } from '../pause.ts';
import { targetOf } from '../target.ts';
import type { ProbeBook } from './probe-book.ts';

const LOOK_MS = 250;
/** Somebody came in between so often that it is no accident. */
const TRIES_MAX = 8;
const FIRST_WAIT_MS = 500;
const LONGEST_WAIT_MS = 20 * SECOND;
/** After a write of the pause that did not come through. */
const RENEW_AGAIN_MS = MINUTE;

/** The write that puts the image in place, judged as of now; or why it is not to be. */
export type Judged = () => Change | { readonly refused: string };

export type ProbeAt = {
  readonly parts: AgentParts;
  readonly book: ProbeBook;
  /** Ends everything at once; the journal tells the next run what is to be put back. */
  readonly signal: AbortSignal;
  /** Somebody has a later order for the control plane. */
  readonly giveUp: AbortSignal;
  /** Called once the lever is where it was, or stays. */
  readonly onLeverSettled: () => void;
};

/**
 * Carries one probe through: pauses the node pools, puts the image in place, looks at what the pools say, and either leaves it or
 * puts back what was there; then lets the pools go on. Every step is in the journal before it is taken. Returns early, with nothing
 * ended, when `signal` says so.
 *
 * `judged`: absent for a probe that an earlier run left, which is put back, unless it was through.
 */
export async function runProbe(at: ProbeAt, begun: Probe, judged?: Judged): Promise<void> {
  const { parts, book, signal } = at;
  const course: Course = { ...at, probe: begun };
  let outcome = judged === undefined ? await leftOver(course) : await tryOut(course, judged);
  if (signal.aborted) return;
  if (outcome?.is === 'fits' && !(await move(course, keep(course.probe), isTriedNow)))
    outcome = untold(course, 'its lever was moved by somebody else');
  if (outcome?.is !== 'fits') await takeBack(course);
  at.onLeverSettled();
  if (outcome?.is !== 'fits') await watch(course, judgeBack);
  if (signal.aborted) return;
  for (const pool of course.probe.pools) await unpause(course, pool);
  if (signal.aborted) return;
  await book.put(begun.stratum, outcome);
  parts.log.info({ ...outcome, key: begun.order.key, name: begun.order.name }, 'probe of node pools is over');
}

type Course = ProbeAt & { probe: Probe };

/** A probe that was through when the agent ended needs only its pools released; any other is as if it had not been. */
async function leftOver(course: Course): Promise<Outcome | undefined> {
  const seen = await read(course);
  if (seen === undefined || !isKept(course.probe, seen)) return undefined;
  return { is: 'fits', name: course.probe.order.name };
}

async function tryOut(course: Course, judged: Judged): Promise<Outcome | undefined> {
  const { book, parts } = course;
  const { order, stratum } = course.probe;
  for (const pool of course.probe.pools) {
    const because = await pausePool(course, pool);
    if (because !== undefined) return untold(course, `node pool ${pool.name} was not paused: ${because}`);
  }
  const paused = await watch(course, judgePause);
  const hosted = parts.mirror.hosted(order.uid);
  if (paused?.is !== 'go' || hosted === undefined) return untold(course, becauseOf(paused));
  course.probe = withBaseline(course.probe, hosted);
  await book.put(stratum, { is: 'under way', probe: course.probe });
  const because = await place(course, judged);
  if (because !== undefined) return untold(course, because);
  const verdict = await watch(course, judgeTry);
  if (verdict?.is === 'go') return { is: 'fits', name: order.name };
  if (verdict?.is === 'rolls') return { is: 'rolls', because: verdict.because, name: order.name };
  return untold(course, becauseOf(verdict));
}

const untold = ({ probe }: Course, because: string): Outcome => ({
  is: 'untold',
  because,
  key: probe.order.key,
});

const becauseOf = (verdict: Verdict | undefined): string =>
  verdict !== undefined && 'because' in verdict ? verdict.because : 'a later order came, or it is gone';

/** Looks until something is decided; undefined when it is given up, gone, or the agent ends. Keeps the pause from running out. */
async function watch(
  course: Course,
  judge: (probe: Probe, look: ProbeLook) => Verdict,
): Promise<Verdict | undefined> {
  const { parts, signal, giveUp } = course;
  let calmSinceMs: number | undefined;
  let renewAtMs = 0;
  while (!signal.aborted && !(giveUp.aborted && judge !== judgeBack)) {
    const nowMs = nowOf(parts);
    if (nowMs >= renewAtMs) {
      renewAtMs = nowMs + RENEW_AGAIN_MS;
      await keepPaused(course, nowMs);
    }
    const look = lookAt(course, { nowMs, calmSinceMs });
    if (look === undefined) return undefined;
    // Who cannot see does not judge.
    const verdict: Verdict = parts.mirror.troubles().length > 0 ? { is: 'wait' } : judge(course.probe, look);
    if (verdict.is !== 'wait' && verdict.is !== 'calm') return verdict;
    calmSinceMs = verdict.is === 'calm' ? (calmSinceMs ?? nowMs) : undefined;
    await pause(LOOK_MS, signal);
  }
  return undefined;
}

/** HyperShift's clock is not the hub's; the pause is long enough for either. */
export const nowOf = ({ clock }: Pick<AgentParts, 'clock'>): number => clock.nowMs() ?? Date.now();

/** Undefined when the control plane is gone. */
function lookAt(
  { parts, probe }: Course,
  at: Pick<ProbeLook, 'nowMs' | 'calmSinceMs'>,
): ProbeLook | undefined {
  const { mirror, settings, sameImage, journal } = parts;
  const { uid, component: name } = probe.order;
  const hosted = mirror.hosted(uid);
  const component = settings.components.find((c) => c.name === name);
  if (hosted === undefined || component === undefined) return undefined;
  const memory = journal.memory(uid) as Memory | undefined;
  const settleMs = settings.probe?.settleMs ?? SETTLE_MS;
  return { hosted, component, memory, sameImage, settleMs, ...at };
}

/** Puts the image in place. Why it is not, when it is not; a lost answer leaves it open, and what is seen decides. */
async function place(course: Course, judged: Judged): Promise<string | undefined> {
  const giveUp = AbortSignal.any([course.signal, course.giveUp]);
  for (let tried = 1; ; tried += 1) {
    const wanted = judged();
    if ('refused' in wanted) return wanted.refused;
    const answer = await placeOnce(course, wanted, giveUp);
    if (answer.outcome === 'done') return undefined;
    if (answer.outcome !== 'conflict' || tried >= TRIES_MAX || giveUp.aborted)
      return `the API server: ${answer.because}`;
    // What is followed lags behind what somebody else wrote.
    await pause(LOOK_MS, giveUp);
  }
}

async function placeOnce(
  { parts, probe, signal }: Course,
  { patch }: Change,
  giveUp: AbortSignal,
): Promise<KubeAnswer> {
  const path = targetOf(parts, probe.order.uid)?.path;
  if (path === undefined) return { outcome: 'missing', because: 'it is gone' };
  const ask = (dryRun: boolean) => () =>
    parts.writer.patch({ path, how: patch.how, object: patch.object, dryRun }, signal);
  const judged = await patiently(ask(true), giveUp);
  return judged.outcome === 'done' ? await patiently(ask(false), giveUp) : judged;
}

/** Puts the lever back, if it is still where the probe put it, and does not cease before that. */
const takeBack = (course: Course): Promise<boolean> => move(course, putBack(course.probe), isTriedNow);

type Seen = { readonly cluster: HostedCluster };

function isTriedNow({ parts, probe }: Course, seen: Seen): boolean {
  const component = parts.settings.components.find((c) => c.name === probe.order.component);
  return component !== undefined && isTried(probe, seen, component);
}

/** Moves the lever on the cluster as it is read now, while `mayMove`, until it is done; false: it was not to be moved. */
async function move(
  course: Course,
  to: LeverOrder & Pick<Order, 'component'>,
  mayMove: (course: Course, seen: Seen) => boolean,
): Promise<boolean> {
  const { parts, signal } = course;
  let waitMs = FIRST_WAIT_MS;
  while (!signal.aborted) {
    const seen = await read(course);
    if (seen === undefined || !mayMove(course, seen)) return false;
    const said = await write(course, seen, to);
    if (said === undefined) return true;
    parts.log.warn({ ...to, because: said }, 'the lever of a probe could not be moved; it is tried again');
    await keepPaused(course, nowOf(parts));
    await pause(waitMs, signal);
    waitMs = Math.min(LONGEST_WAIT_MS, waitMs * 2);
  }
  return false;
}

/** Why it was not written; undefined: it was. */
async function write(
  { parts, probe, signal }: Course,
  { cluster }: Seen,
  to: LeverOrder & Pick<Order, 'component'>,
): Promise<string | undefined> {
  const target = targetOf(parts, probe.order.uid)?.fresh(cluster);
  if (target === undefined) return 'it is not there';
  const memory = parts.journal.memory(probe.order.uid) as Memory | undefined;
  const plane = target.plane(memory, { nowMs: nowOf(parts), sameImage: parts.sameImage });
  const wanted = target.change(to, plane);
  if ('refused' in wanted) return wanted.refused;
  const { how, object } = wanted.patch;
  const answer = await parts.writer.patch({ path: target.path, how, object, dryRun: false }, signal);
  return answer.outcome === 'done' ? undefined : answer.because;
}

/** The hosted cluster as the API server has it; undefined when it is gone, or another one, or the agent ends. */
async function read({ parts, probe, signal }: Course): Promise<Seen | undefined> {
  const target = targetOf(parts, probe.order.uid);
  if (target === undefined) return undefined;
  // Who may not read cannot tell that it is gone.
  const answer = await patiently(() => parts.writer.get(target.path, signal), signal, ['away', 'refused']);
  if (answer.outcome !== 'done') return undefined;
  const cluster = answer.object as HostedCluster;
  return cluster.metadata.uid === probe.order.uid ? { cluster } : undefined;
}

/** Asks until there is an answer that is none of these. */
async function patiently(
  ask: () => Promise<KubeAnswer>,
  giveUp: AbortSignal,
  again: readonly KubeAnswer['outcome'][] = ['away'],
): Promise<KubeAnswer> {
  let waitMs = FIRST_WAIT_MS;
  for (;;) {
    const answer = await ask();
    if (!again.includes(answer.outcome) || giveUp.aborted) return answer;
    const askedMs = answer.outcome === 'away' ? (answer.retryAfterMs ?? 0) : 0;
    await pause(Math.max(waitMs, askedMs), giveUp);
    waitMs = Math.min(LONGEST_WAIT_MS, waitMs * 2);
  }
}

const poolPath = ({ namespace, name }: PausedPool): string =>
  `/apis/hypershift.openshift.io/v1beta1/namespaces/${encodeURIComponent(namespace)}/nodepools/${encodeURIComponent(name)}`;

/** The uid keeps an apply from making a pool of that name. */
const poolOf = ({ name, namespace, uid }: PausedPool): Readonly<Record<string, unknown>> => ({
  apiVersion: 'hypershift.openshift.io/v1beta1',
  kind: 'NodePool',
  metadata: { name, namespace, uid } satisfies Partial<Meta>,
});

/** Why it was not paused; undefined: it is, until the last of the times. */
async function pausePool(
  { parts, probe, signal, giveUp }: Course,
  pool: PausedPool,
): Promise<string | undefined> {
  const object = { ...poolOf(pool), spec: { pausedUntil: probe.until.at(-1) } };
  const answer = await patiently(
    () => parts.poolWriter!.patch({ path: poolPath(pool), how: 'apply', object, dryRun: false }, signal),
    AbortSignal.any([signal, giveUp]),
  );
  return answer.outcome === 'done' ? undefined : answer.because;
}

/** Sets a later end while there is reason to, and not where somebody else changed it. */
async function keepPaused(course: Course, nowMs: number): Promise<void> {
  const later = renewed(course.probe, nowMs);
  if (later === undefined) return;
  course.probe = later;
  await course.book.put(later.stratum, { is: 'under way', probe: later });
  for (const pool of later.pools) {
    const because = await pausePool(course, pool);
    course.parts.log.warn({ pool: pool.name, until: later.until.at(-1), because }, 'node pool stays paused');
  }
}

/** Applied without it, the field goes if it is still ours. What is gone, or refused, ends by itself at its time. */
async function unpause({ parts, signal }: Course, pool: PausedPool): Promise<void> {
  const answer = await patiently(
    () =>
      parts.poolWriter!.patch(
        { path: poolPath(pool), how: 'apply', object: poolOf(pool), dryRun: false },
        signal,
      ),
    signal,
  );
  if (answer.outcome !== 'done')
    parts.log.warn({ pool: pool.name, because: answer.because }, 'node pool was not released');
}
