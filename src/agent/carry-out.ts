import type { GuardSubject } from '../core/hypershift/guard-checks.ts';
import { whyNotNow } from '../core/hypershift/guards.ts';
import { planeOf, type ReportedPlane } from '../core/hypershift/inventory.ts';
import { type Change, change, says, type Write } from '../core/hypershift/levers.ts';
import { isMarkedDone, lastSequenceOf, nameOf } from '../core/hypershift/mark.ts';
import type { Memory } from '../core/hypershift/memory.ts';
import type { Hosted, HostedCluster } from '../core/hypershift/objects.ts';
import { whyRefused } from '../core/hypershift/order-check.ts';
import type { SignedOrder } from '../core/rollout/order.ts';
import type { KubeAnswer, KubePatch } from '../ports/kube.ts';
import type { AgentParts } from './parts.ts';
import { pause } from './pause.ts';
import { clusterOf } from './projections.ts';

/** Somebody came in between so often that it is no accident. */
const TRIES_MAX = 8;
const FIRST_WAIT_MS = 500;
const LONGEST_WAIT_MS = 20_000;

/** How one look at an order ended; `again`: it is to be looked at anew, after so long. */
type Ended =
  | { readonly state: 'done' }
  | { readonly state: 'refused'; readonly because: string }
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
  it: { readonly rehearse: boolean; readonly signal: AbortSignal; readonly giveUp: AbortSignal },
): Promise<void> {
  const { journal, log } = parts;
  const { key, uid, sequence } = order;
  const earlier = journal.entry(key);
  if (earlier !== undefined && earlier.state !== 'begun') return;
  let waitMs = FIRST_WAIT_MS;
  let fresh: HostedCluster | undefined;
  let last: string | undefined;
  for (let tried = 1; !it.giveUp.aborted; tried += 1) {
    const ended = await attempt(parts, order, { ...it, fresh, last });
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
    fresh = await readAnew(parts, order, it.signal);
  }
}

type Attempt = {
  readonly rehearse: boolean;
  readonly signal: AbortSignal;
  /** As it was just read; absent: as it is followed. */
  readonly fresh: HostedCluster | undefined;
  /** Why the attempt before this one came to nothing. */
  readonly last: string | undefined;
};

async function attempt(parts: AgentParts, order: SignedOrder, it: Attempt): Promise<Ended> {
  const [trouble] = parts.mirror.troubles();
  if (trouble !== undefined) return { state: 'again', because: `it cannot be seen: ${trouble}`, waitMs: 1 };
  const look = lookAt(parts, order, it.fresh);
  if (look.hosted !== undefined && look.genuine && isMarkedDone(look.hosted.cluster.metadata, order.key))
    return { state: 'done' };
  const because = whyNot(parts, order, look);
  if (because !== undefined)
    return {
      state: 'refused',
      because: it.last === undefined ? because : `${because}; before that ${it.last}`,
    };
  const wanted = wantedChange(parts, order, look);
  if ('refused' in wanted) return { state: 'refused', because: wanted.refused };
  const { key, uid, sequence } = order;
  if (parts.journal.entry(key) === undefined) {
    await parts.journal.write({ key, uid, sequence, state: 'begun' });
    parts.log.info({ key, name: order.name, says: says(wanted) }, 'order begins');
  }
  const patch = patchOf(wanted.patch);
  if (it.rehearse) {
    const judged = await parts.writer.patch({ ...patch, dryRun: true }, it.signal);
    if (judged.outcome !== 'done') return endedOf(judged, 'a dry run');
  }
  return endedOf(await parts.writer.patch(patch, it.signal), 'the API server');
}

/** Everything an order is judged by, as of one moment. */
type OrderLook = {
  readonly hosted: Hosted | undefined;
  readonly plane: ReportedPlane | undefined;
  readonly memory: Memory | undefined;
  /** Orders come with the hub's time, so it is known by now; if it is not, every order is over. */
  readonly nowMs: number;
  readonly genuine: boolean;
};

function lookAt(parts: AgentParts, order: SignedOrder, fresh: HostedCluster | undefined): OrderLook {
  const { mirror, journal, settings, sameImage } = parts;
  const seen = mirror.hosted(order.uid);
  const hosted = seen && (fresh ? { ...seen, cluster: fresh } : seen);
  const memory = journal.memory(order.uid) as Memory | undefined;
  const nowMs = parts.clock.nowMs() ?? Number.POSITIVE_INFINITY;
  const plane = hosted && planeOf(hosted, settings, { memory, nowMs, sameImage });
  return { hosted, plane, memory, nowMs, genuine: parts.isGenuine(order) };
}

/** Why the order is not carried out as things stand: by what it says, then by the guards. */
function whyNot(parts: AgentParts, order: SignedOrder, look: OrderLook): string | undefined {
  const { settings, mirror, journal, sameImage } = parts;
  const { hosted, plane, nowMs, genuine, memory } = look;
  const { keyId: _, signature: __, ...said } = order;
  const marked = hosted && lastSequenceOf(hosted.cluster.metadata);
  const because = whyRefused(said, {
    plane,
    namesake: mirror.uids().find((uid) => nameIn(mirror.hosted(uid)) === order.name),
    deleted: mirror.isGone(order.uid) || memory !== undefined || journal.sequenceOf(order.uid) > 0,
    settings,
    lastSequence: Math.max(journal.sequenceOf(order.uid), marked ?? 0) || undefined,
    nowMs,
    genuine,
  });
  if (because !== undefined) return because;
  const component = settings.components.find((c) => c.name === order.component)!;
  const subject: GuardSubject = { hosted: hosted!, component, nowMs, sameImage, ...(memory && { memory }) };
  return whyNotNow(subject, { action: order.action, accepted: settings.accepted ?? [] });
}

const nameIn = (hosted: Hosted | undefined) => hosted && nameOf(hosted.cluster.metadata);

function wantedChange(
  { settings }: AgentParts,
  order: SignedOrder,
  { hosted, plane }: OrderLook,
): Change | { readonly refused: string } {
  const component = settings.components.find((c) => c.name === order.component)!;
  return change(component, order, { hosted: hosted!, release: plane!.components[order.component]!.release });
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

const HOSTED_CLUSTERS = '/apis/hypershift.openshift.io/v1beta1';

const pathOf = ({ namespace, name }: { readonly namespace: string; readonly name: string }) =>
  `${HOSTED_CLUSTERS}/namespaces/${encodeURIComponent(namespace)}/hostedclusters/${encodeURIComponent(name)}`;

const patchOf = (write: Write): KubePatch => ({
  path: pathOf(write),
  how: write.how,
  object: write.object,
  dryRun: false,
});

/** What is followed may lag behind what was just written; undefined: it could not be read, or is another object now. */
async function readAnew(
  { mirror, writer }: AgentParts,
  { uid }: SignedOrder,
  signal: AbortSignal,
): Promise<HostedCluster | undefined> {
  const known = mirror.hosted(uid)?.cluster.metadata;
  if (known === undefined || signal.aborted) return undefined;
  const answer = await writer.get(pathOf(known), signal);
  if (answer.outcome !== 'done') return undefined;
  const cluster = clusterOf(answer.object as HostedCluster);
  return cluster.metadata.uid === uid ? cluster : undefined;
}
