import type { Ms } from '../../core/base/instant.ts';

/** Requests that wait for orders. */
export type Polls = {
  /** Of more than POLLS_MAX of one agent the oldest is over: its connection may be dead without anybody noticing. */
  open(of: {
    readonly agent: string;
    readonly managementCluster: string;
    readonly signal: AbortSignal;
  }): Poll;
  wake(managementCluster: string): void;
};
export type Poll = {
  /** Notes wake-ups from now on. */
  woken(): { within(ms: Ms): Promise<void> };
  /** It gave way to newer ones. */
  isOver(): boolean;
  close(): void;
};

const POLLS_MAX = 2;

type Waiting = { readonly managementCluster: string; isOver: boolean; wake: () => void };

export function createPolls(from: {
  readonly lookEveryMs: Ms;
  /** The management clusters for which something waits. */
  readonly awaited: () => Promise<readonly string[]>;
}): Polls {
  const byAgent = new Map<string, Set<Waiting>>();
  let timer: NodeJS.Timeout | undefined;

  const wake = (managementCluster: string) => {
    for (const all of byAgent.values())
      for (const waiting of all) if (waiting.managementCluster === managementCluster) waiting.wake();
  };

  /** One look for all, as long as anybody waits. */
  const lookLater = () => {
    timer = setTimeout(async () => {
      for (const cluster of await from.awaited()) wake(cluster);
      timer = undefined;
      if (byAgent.size > 0) lookLater();
    }, from.lookEveryMs).unref();
  };

  const open: Polls['open'] = ({ agent, managementCluster, signal }) => {
    const waiting: Waiting = { managementCluster, isOver: false, wake: () => {} };
    const all = byAgent.get(agent) ?? new Set();
    byAgent.set(agent, all.add(waiting));
    if (timer === undefined) lookLater();
    for (const old of [...all].slice(0, -POLLS_MAX)) {
      all.delete(old);
      old.isOver = true;
      old.wake();
    }
    const onAbort = () => waiting.wake();
    signal.addEventListener('abort', onAbort);
    return {
      woken() {
        const { promise, resolve } = Promise.withResolvers<void>();
        waiting.wake = resolve;
        return { within: (ms) => orAfter(promise, resolve, ms) };
      },
      isOver: () => waiting.isOver,
      close() {
        signal.removeEventListener('abort', onAbort);
        all.delete(waiting);
        if (all.size === 0 && byAgent.get(agent) === all) byAgent.delete(agent);
      },
    };
  };

  return { open, wake };
}

async function orAfter(promise: Promise<void>, resolve: () => void, ms: Ms): Promise<void> {
  const timer = setTimeout(resolve, ms);
  await promise;
  clearTimeout(timer);
}
