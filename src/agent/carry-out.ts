import type { ReportedPlane } from '../core/hypershift/inventory.ts';
import { says } from '../core/hypershift/levers.ts';
import { isMarkedDone, lastSequenceOf, nameOf } from '../core/hypershift/mark.ts';
import type { Look, Memory } from '../core/hypershift/memory.ts';
import { whyRefused } from '../core/hypershift/order-check.ts';
import { asTried } from '../core/hypershift/probe.ts';
import type { SignedOrder } from '../core/rollout/order.ts';
import type { KubeAnswer } from '../ports/kube.ts';
import type { AgentParts } from './parts.ts';
import { pause } from './pause.ts';
import type { Probes } from './probes/probes.ts';
import { type AgentTarget, targetOf } from './target.ts';

/** Somebody came in between so often that it is no accident. */
const TRIES_MAX = 8;
const FIRST_WAIT_MS = 500;
const LONGEST_WAIT_MS = 20_000;

/** How one look at an order ended; `again`: it is to be looked at anew, after so long. */
type Ended =
  | { readonly state: 'done' }
  | { readonly state: 'refused'; readonly because: string }
  /** A probe of its node pools has begun, and it is looked at when it is handed out after that. */
  | { readonly state: 'later' }
  | { readonly state: 'again'; readonly because: string; readonly waitMs: number };

/**
 * Carries one order out, or refuses it with a reason, and writes either down before anything else is done. May be called again
 * with the same order, also after a crash in the middle: what was done is not done again. Returns early, with nothing written,
 * when it was waiting and `giveUp` ended that; a request that is under way is ended by `signal` alone.
 *
 * `rehearse`: the first write of its kind, which the API server is asked to judge without doing it.
 */
export async function carryOut(
  parts: AgentParts,
  order: SignedOrder,
  it: {
    readonly rehearse: boolean;
    readonly probes: Probes;
    readonly signal: AbortSignal;
    readonly giveUp: AbortSignal;
  },
): Promise<void> {
  const { journal, log } = parts;
  const { key, uid, sequence } = order;
  const earlier = journal.entry(key);
  if (earlier !== undefined && earlier.state !== 'begun') return;
  // It ended, the hub knows, and an answer that was under way hands it out once more: a sequence is one order's alone.
  if (earlier === undefined && journal.sequenceOf(uid) === sequence && parts.isGenuine(order))
    return await journal.write({ key, uid, sequence, state: 'done' });
  let waitMs = FIRST_WAIT_MS;
  let read: ReadAnew = {};
  let last: string | undefined;
  for (let tried = 1; !it.giveUp.aborted; tried += 1) {
    const ended = read.unread ?? (await attempt(parts, order, { ...it, fresh: read.fresh, last }));
    if (ended.state === 'later') return;
    if (ended.state !== 'again') {
      await journal.write({ key, uid, sequence, ...ended });
      log.info({ ...ended, key, name: order.name }, 'order');
      return;
    }
    last = ended.because;
    log.warn({ key, name: order.name, because: last, tried }, 'order is tried again');
    if (ended.waitMs === 0 && tried >= TRIES_MAX) {
      await journal.write({ key, uid, sequence, state: 'refused', because: ended.because });
      return;
    }
    await pause(Math.max(ended.waitMs === 0 ? 0 : waitMs, ended.waitMs), it.giveUp);
    waitMs = Math.min(LONGEST_WAIT_MS, waitMs * 2);
    read = await readAnew(parts, order, it.signal);
  }
}

type Attempt = {
  readonly rehearse: boolean;
  readonly probes: Probes;
  readonly signal: AbortSignal;
  /** As it was just read; absent: as it is followed. */
  readonly fresh: AgentTarget | undefined;
  /** Why the attempt before this one came to nothing. */
  readonly last: string | undefined;
};

async function attempt(parts: AgentParts, order: SignedOrder, it: Attempt): Promise<Ended> {
  const [trouble] = parts.mirror.troubles();
  if (trouble !== undefined) return { state: 'again', because: `it cannot be seen: ${trouble}`, waitMs: 1 };
  const look = lookAt(parts, order, it.fresh);
  if (look.target !== undefined && look.genuine && isMarkedDone(look.target.metadata, order.key))
    return { state: 'done' };
  const because = whyNot(parts, order, look);
  if (because !== undefined)
    return {
      state: 'refused',
      because: it.last === undefined ? because : `${because}; before that ${it.last}`,
    };
  const wanted = look.target!.change(order, look.plane!);
  if ('refused' in wanted) return { state: 'refused', because: wanted.refused };
  const { key, uid, sequence } = order;
  if (parts.journal.entry(key) === undefined) {
    await parts.journal.write({ key, uid, sequence, state: 'begun' });
    parts.log.info({ key, name: order.name, says: says(wanted) }, 'order begins');
  }
  const probed = await it.probes.first(order, () => judgedNow(parts, order));
  if (probed === 'later') return { state: 'later' };
  if (probed !== 'go') return { state: 'refused', because: probed.refused };
  const { how, object } = wanted.patch;
  const patch = { path: look.target!.path, how, object };
  if (it.rehearse) {
    const judged = await parts.writer.patch({ ...patch, dryRun: true }, it.signal);
    if (judged.outcome !== 'done') return endedOf(judged, 'a dry run');
  }
  return endedOf(await parts.writer.patch({ ...patch, dryRun: false }, it.signal), 'the API server');
}

/** The write that a probe tries the order with, as things stand when its node pools are paused. */
function judgedNow(parts: AgentParts, order: SignedOrder): ReturnType<AgentTarget['change']> {
  const look = lookAt(parts, order, undefined);
  const because = whyNot(parts, order, look);
  return because === undefined ? look.target!.change(asTried(order), look.plane!) : { refused: because };
}

/** Everything an order is judged by, as of one moment. */
type OrderLook = Look & {
  readonly target: AgentTarget | undefined;
  readonly plane: ReportedPlane | undefined;
  readonly memory: Memory | undefined;
  readonly genuine: boolean;
};

function lookAt(parts: AgentParts, order: SignedOrder, fresh: AgentTarget | undefined): OrderLook {
  const { journal, sameImage } = parts;
  const target = fresh ?? targetOf(parts, order.uid);
  const memory = journal.memory(order.uid) as Memory | undefined;
  // Orders come with the hub's time, so it is known by now; if it is not, every order is over.
  const nowMs = parts.clock.nowMs() ?? Number.POSITIVE_INFINITY;
  const plane = target?.plane(memory, { nowMs, sameImage });
  return { target, plane, memory, nowMs, sameImage, genuine: parts.isGenuine(order) };
}

/** Why the order is not carried out as things stand: by what it says, then by the guards. */
function whyNot(parts: AgentParts, order: SignedOrder, look: OrderLook): string | undefined {
  const { settings, mirror, journal } = parts;
  const { target, plane, nowMs, genuine, memory, sameImage } = look;
  const { keyId: _, signature: __, ...said } = order;
  const marked = target && lastSequenceOf(target.metadata);
  const because = whyRefused(said, {
    plane,
    // Looking through all of them takes a while where there are thousands.
    namesake:
      plane === undefined ? mirror.uids().find((uid) => nameAt(parts, uid) === order.name) : undefined,
    deleted: mirror.isGone(order.uid) || memory !== undefined || journal.sequenceOf(order.uid) > 0,
    settings,
    lastSequence: Math.max(journal.sequenceOf(order.uid), marked ?? 0) || undefined,
    nowMs,
    genuine,
  });
  return because ?? target!.guarded(order, { memory, nowMs, sameImage });
}

function nameAt(parts: AgentParts, uid: string): string | undefined {
  const target = targetOf(parts, uid);
  return target && nameOf(target.metadata);
}

function endedOf(answer: KubeAnswer, who: string): Ended {
  switch (answer.outcome) {
    case 'done':
      return { state: 'done' };
    case 'conflict':
      return { state: 'again', because: `${who}: ${answer.because}`, waitMs: 0 };
    case 'away':
      return { state: 'again', because: `${who}: ${answer.because}`, waitMs: answer.retryAfterMs ?? 1 };
    default:
      return { state: 'refused', because: `${who} refused it: ${answer.because}` };
  }
}

/** The object as it was just read; neither: it is gone, another object, or may not be read, which the API server says of a write too. */
type ReadAnew = {
  readonly fresh?: AgentTarget | undefined;
  readonly unread?: Ended & { readonly state: 'again' };
};

/**
 * What is followed may lag behind what was just written. A write whose answer was lost may have been carried out, and taken back by
 * somebody since: so nothing is written again before it was seen what is there.
 */
async function readAnew(parts: AgentParts, { uid }: SignedOrder, signal: AbortSignal): Promise<ReadAnew> {
  const known = targetOf(parts, uid);
  if (known === undefined || signal.aborted) return {};
  const answer = await parts.writer.get(known.path, signal);
  if (answer.outcome === 'away')
    return {
      unread: {
        state: 'again',
        because: `the API server: ${answer.because}`,
        waitMs: answer.retryAfterMs ?? 1,
      },
    };
  return answer.outcome === 'done' ? { fresh: known.fresh(answer.object) } : {};
}
