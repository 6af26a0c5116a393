import type { SignedOrder } from '../core/rollout/order.ts';
import { carryOut } from './carry-out.ts';
import type { AgentParts } from './parts.ts';
import { pause } from './pause.ts';
import { createProbes, type Probes } from './probes/probes.ts';
import { createReporter, type Reporter } from './reporter.ts';

/** How long the hub may keep a question for orders open. */
const ORDERS_WAIT_MS = 25_000;
/** Changes that come within this time are one report. */
const GATHER_MS = 500;
const AT_ONCE_MAX = 8;
/** Orders of a kind that are no further apart than this are one wave. */
const WAVE_MS = 120_000;
const FIRST_WAIT_MS = 500;
const LONGEST_WAIT_MS = 15_000;

/**
 * Follows the management cluster, tells the hub what changed, and carries out its orders, until `signal`. Nothing is kept in
 * memory that a new run could not see again or read in the journal.
 */
export async function runAgent(parts: AgentParts, signal: AbortSignal): Promise<void> {
  const reporter = createReporter(parts);
  const following = parts.mirror.kinds.map((kind) => parts.follow(kind, signal));
  const probes = createProbes(parts, signal);
  await Promise.all([
    ...following,
    reportOn(parts, reporter, signal),
    obey(parts, probes, signal),
    probes.run(),
  ]);
}

async function reportOn(parts: AgentParts, reporter: Reporter, signal: AbortSignal): Promise<void> {
  const { link, log, clock, reportEveryMs } = parts;
  let saidAt = Number.NEGATIVE_INFINITY;
  let waitMs = FIRST_WAIT_MS;
  while (!signal.aborted) {
    await pause(GATHER_MS, signal);
    const news = await reporter.look();
    const due = performance.now() - saidAt >= reportEveryMs;
    if (signal.aborted || !reporter.isReady() || !(news || due)) continue;
    try {
      const answer = await link.report(reporter.report(), signal);
      clock.heard(answer.now);
      await reporter.answered(answer);
      saidAt = performance.now();
      waitMs = FIRST_WAIT_MS;
    } catch (problem) {
      if (signal.aborted) return;
      log.warn({ problem: String(problem) }, 'the hub did not take a report; it is sent again');
      await pause(waitMs, signal);
      waitMs = Math.min(LONGEST_WAIT_MS, waitMs * 2);
    }
  }
}

/** Asks for orders and carries them out, several at once, those of one control plane one after the other. */
async function obey(parts: AgentParts, probes: Probes, signal: AbortSignal): Promise<void> {
  const { link, log, clock, mirror, journal } = parts;
  const underWay = new Map<string, UnderWay>();
  const isFirstOfItsKind = createRehearsals();
  let waitMs = FIRST_WAIT_MS;
  // The first question is for the time alone: nothing is judged before the hub's clock is known.
  let askMs = 0;
  while (!signal.aborted) {
    let orders: readonly SignedOrder[];
    try {
      const answer = await link.orders(askMs, signal);
      clock.heard(answer.now);
      orders = answer.orders;
      waitMs = FIRST_WAIT_MS;
    } catch (problem) {
      if (signal.aborted) break;
      log.warn({ problem: String(problem) }, 'the hub could not be asked for orders');
      await pause(waitMs, signal);
      waitMs = Math.min(LONGEST_WAIT_MS, waitMs * 2);
      continue;
    }
    if (!mirror.isWhole()) {
      await pause(GATHER_MS, signal);
      continue;
    }
    askMs = ORDERS_WAIT_MS;
    const open = orders.filter(({ key }) => !underWay.has(key) && isOpen(journal.entry(key)?.state));
    for (const order of open) await probes.giveWay(order);
    const fresh = open.filter((order) => !probes.waits(order));
    for (const order of fresh) {
      const rehearse = isFirstOfItsKind(order);
      await giveWay(underWay, order);
      while (underWay.size >= AT_ONCE_MAX) await Promise.race(tasksOf(underWay));
      const stop = new AbortController();
      const task = carryOut(parts, order, {
        rehearse,
        probes,
        signal,
        giveUp: AbortSignal.any([signal, stop.signal]),
      })
        .catch((problem) => log.error({ key: order.key, problem: String(problem) }, 'order failed'))
        .finally(() => underWay.delete(order.key));
      underWay.set(order.key, { uid: order.uid, task, stop });
    }
    // What is under way, or not yet settled, is handed over again and again: that is no reason to hurry.
    if (orders.length > 0 && fresh.length === 0) await pause(2 * GATHER_MS, signal);
  }
  await Promise.all(tasksOf(underWay));
}

/**
 * Whether the API server is asked to judge an order without doing it: the first of a wave, and a wave is what comes without a
 * longer pause. Each write is judged by it all the same; this is for what all of a kind have in common.
 */
function createRehearsals(): (order: SignedOrder) => boolean {
  const lastAt = new Map<string, number>();
  return ({ fix, component, action, digest }) => {
    const now = performance.now();
    for (const [kind, at] of lastAt) if (now - at > WAVE_MS) lastAt.delete(kind);
    const kind = `${fix} ${component} ${action} ${digest ?? ''}`;
    const isFirst = !lastAt.has(kind);
    lastAt.set(kind, now);
    return isFirst;
  };
}

const isOpen = (state: string | undefined) => state === undefined || state === 'begun';

type UnderWay = { readonly uid: string; readonly task: Promise<void>; readonly stop: AbortController };

const tasksOf = (underWay: ReadonlyMap<string, UnderWay>) => [...underWay.values()].map((one) => one.task);

/** The latest word counts: an earlier order to the same control plane that could not be carried out yet is not waited for. */
async function giveWay(underWay: ReadonlyMap<string, UnderWay>, { uid }: SignedOrder): Promise<void> {
  const earlier = [...underWay.values()].filter((one) => one.uid === uid);
  for (const { stop } of earlier) stop.abort();
  await Promise.all(earlier.map((one) => one.task));
}
