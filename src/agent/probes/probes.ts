import type { Uid } from '../../core/base/ids.ts';
import type { Hosted } from '../../core/hypershift/objects.ts';
import { beginProbe, stratumOf, whyNotProbed, whyNotTellable } from '../../core/hypershift/probe.ts';
import type { SignedOrder } from '../../core/rollout/order.ts';
import type { AgentParts } from '../parts.ts';
import { pause } from '../pause.ts';
import { openBook } from './probe-book.ts';
import { type Judged, nowOf, runProbe } from './probe-run.ts';

/** What node pools are asked before the first order of each stratum on this management cluster. */
export type Probes = {
  /** Whether a probe must end before the order is looked at. */
  waits(order: SignedOrder): boolean;
  /** The latest word counts: a probe of an earlier order to the same control plane puts its lever back first. */
  giveWay(order: SignedOrder): Promise<void>;
  /**
   * What comes of an order that nothing else stands against: `go`: it may be carried out. later: a probe has begun. Otherwise why it is
   * refused.
   */
  first(order: SignedOrder, judged: Judged): Promise<'go' | 'later' | { readonly refused: string }>;
  /** Puts back what an earlier run left, as soon as it can be seen; resolves after `signal`, once nothing runs. */
  run(): Promise<void>;
};

type Running = {
  readonly key: string;
  readonly sequence: number;
  readonly stop: AbortController;
  readonly leverSettled: Promise<void>;
  readonly task: Promise<void>;
};

const SEE_MS = 250;

export function createProbes(parts: AgentParts, signal: AbortSignal): Probes {
  const { journal, mirror, settings, log } = parts;
  const book = openBook(journal);
  const running = new Map<Uid, Running>();
  const leftOver = new Map(book.underWay().map((probe) => [probe.order.uid, probe]));
  const componentOf = (order: SignedOrder) => settings.components.find((c) => c.name === order.component);
  const isAsked = (order: SignedOrder, hosted: Hosted | undefined): hosted is Hosted =>
    settings.probe?.nodePools === true &&
    parts.poolWriter !== undefined &&
    order.action === 'set' &&
    hosted !== undefined &&
    hosted.nodePools.length > 0;

  const start = (probe: Parameters<typeof runProbe>[1], judged?: Judged) => {
    const { uid, key, sequence } = probe.order;
    const stop = new AbortController();
    const lever = Promise.withResolvers<void>();
    const at = { parts, book, signal, giveUp: stop.signal, onLeverSettled: lever.resolve };
    const task = runProbe(at, probe, judged)
      .catch((problem) => log.error({ key, problem: String(problem) }, 'probe of node pools failed'))
      .finally(() => {
        lever.resolve();
        running.delete(uid);
      });
    running.set(uid, { key, sequence, stop, leverSettled: lever.promise, task });
  };

  return {
    waits(order) {
      const hosted = mirror.hosted(order.uid);
      if (order.action !== 'set' || hosted === undefined) return false;
      if (running.has(order.uid) || leftOver.has(order.uid)) return true;
      return isAsked(order, hosted) && book.entry(stratumOf(order, hosted.cluster))?.is === 'under way';
    },
    async giveWay(order) {
      const earlier = running.get(order.uid);
      if (earlier === undefined || earlier.key === order.key) return;
      if (order.sequence <= earlier.sequence || !parts.isGenuine(order)) return;
      earlier.stop.abort();
      await earlier.leverSettled;
    },
    async first(order, judged) {
      const hosted = mirror.hosted(order.uid);
      const component = componentOf(order);
      if (component === undefined || !isAsked(order, hosted)) return 'go';
      const stratum = stratumOf(order, hosted.cluster);
      const known = book.entry(stratum);
      if (known?.is === 'under way') return 'later';
      const because = whyNotProbed(known, order.key);
      if (because !== undefined) return { refused: because };
      if (known?.is === 'fits') return 'go';
      const untellable = whyNotTellable(hosted.nodePools);
      if (untellable !== undefined)
        return { refused: `whether node pools would roll could not be found out: ${untellable}` };
      const probe = beginProbe(order, hosted, { component, nowMs: nowOf(parts) });
      const written = book.put(stratum, { is: 'under way', probe });
      log.info({ key: order.key, name: order.name, stratum }, 'probe of node pools begins');
      await written;
      start(probe, judged);
      return 'later';
    },
    async run() {
      while (!signal.aborted && !mirror.isWhole()) await pause(SEE_MS, signal);
      if (!signal.aborted) for (const probe of leftOver.values()) start(probe);
      leftOver.clear();
      await new Promise<void>((resolve) => {
        if (signal.aborted) resolve();
        else signal.addEventListener('abort', () => resolve(), { once: true });
      });
      await Promise.all([...running.values()].map(({ task }) => task));
    },
  };
}
