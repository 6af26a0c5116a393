import type { Instant, Ms } from '../../core/base/instant.ts';
import type { Report } from '../../core/fleet/report.ts';
import type { SignedOrder } from '../../core/rollout/order.ts';
import type { Agents, EnrolledAgent } from '../../ports/agents.ts';
import type { Clusters } from '../../ports/clusters.ts';
import type { Heard } from '../../ports/fleet.ts';
import type { WireReport } from '../../wire/agent.ts';
import type { Log } from '../api/context.ts';
import { Fault } from '../api/fault.ts';
import { createPolls } from './polls.ts';

/** The management clusters, behind agents that call the hub. */
export type Gateway = Pick<Clusters, 'deliver'> & {
  listen(listener: (report: Report) => Promise<Heard>): void;
  /**
   * Gives an agent's report to the hub. Throws a Fault when it speaks for another management cluster, and then takes nothing.
   * A copy of a report may come after a crash: what it settles and refuses is noted again, which changes nothing.
   */
  hear(agent: EnrolledAgent, report: WireReport): Promise<Heard>;
  /**
   * Orders the agent has not been given lately, at most 500, in the order they were decided; none once `waitMs` is over or
   * `signal` is aborted. Throws a Fault when the agent is revoked while it waits.
   */
  orders(
    agent: EnrolledAgent,
    wait: { readonly waitMs: Ms; readonly signal: AbortSignal },
  ): Promise<SignedOrder[]>;
  /** The agent begins anew: it is given again whatever is not settled. */
  begin(agent: string): void;
};

export type GatewaySettings = {
  /** An order that was given out and not settled is given out again after this long: the answer may have been lost. */
  readonly givenForMs: Ms;
  /** While agents wait, their orders are looked for this often, all at once: another hub may have written some. */
  readonly lookEveryMs: Ms;
};
const SETTINGS: GatewaySettings = { givenForMs: 15_000, lookEveryMs: 2_000 };

/** As many as one answer may hold (wire/agent.ts). */
const ORDERS_MAX = 500;

export function createGateway(from: {
  readonly agents: Agents;
  readonly now: () => Instant;
  readonly log: Log;
  readonly settings?: Partial<GatewaySettings>;
}): Gateway {
  const { agents, now, log } = from;
  const settings = { ...SETTINGS, ...from.settings };
  const polls = createPolls({
    lookEveryMs: settings.lookEveryMs,
    awaited: async () =>
      await agents.awaited(now()).catch((problem) => {
        log.warn({ problem: String(problem) }, 'orders were not looked for now; the next look follows');
        return [];
      }),
  });
  /** When each order that waits was given to the agent last. Lost with the process: it is given once more then. */
  const given = new Map<string, ReadonlyMap<string, Ms>>();
  let listener: ((report: Report) => Promise<Heard>) | undefined;

  const notGiven = async ({ agent, managementCluster }: EnrolledAgent): Promise<SignedOrder[]> => {
    const before = given.get(agent) ?? new Map<string, Ms>();
    const waiting = await agents.waiting(managementCluster, now(), ORDERS_MAX + before.size);
    const sinceMs = performance.now() - settings.givenForMs;
    const lately = new Map(waiting.map(({ key }) => [key, before.get(key) ?? Number.NEGATIVE_INFINITY]));
    for (const [key, atMs] of lately) if (atMs <= sinceMs) lately.delete(key);
    given.set(agent, lately);
    return waiting.filter(({ key }) => !lately.has(key)).slice(0, ORDERS_MAX);
  };

  const noteGiven = (agent: string, orders: readonly SignedOrder[]) => {
    const lately = new Map(given.get(agent));
    for (const { key } of orders) lately.set(key, performance.now());
    given.set(agent, lately);
  };

  return {
    // The outbox is where a crash cannot lose them; whoever waits is only told to look there.
    async deliver(orders) {
      for (const cluster of new Set(orders.map((order) => order.managementCluster))) polls.wake(cluster);
    },
    listen(next) {
      listener = next;
    },
    async hear(agent, report) {
      refuseForeign(agent, report);
      if (listener === undefined) throw new Error('a report came before the hub listened');
      const { settled, refused, ...rest } = report;
      const own = await ownOf(agents, agent, refused);
      const { length } = refused;
      if (own.length < length)
        log.warn({ ...named(agent), refused: length - own.length }, 'refusals of orders it was never given');
      const heard = await listener({ ...rest, refused: own } as Report);
      await agents.settle(agent.managementCluster, settled, now());
      if (heard.foreign.length > 0) warnOfForeign(log, agent, heard.foreign);
      if (heard.taken && report.full) {
        // It has just seen its cluster whole: what it was given before that it may not have been able to judge.
        given.delete(agent.agent);
        polls.wake(agent.managementCluster);
      }
      return heard;
    },
    async orders(agent, { waitMs, signal }) {
      const poll = polls.open({ ...agent, signal });
      const endsAtMs = performance.now() + waitMs;
      try {
        for (let hasWaited = false; ; hasWaited = true) {
          // Asked for before the look, so that what is delivered during it is not missed.
          const woken = poll.woken();
          const orders = await notGiven(agent);
          if (signal.aborted) return [];
          if (orders.length > 0) {
            if (hasWaited && (await agents.find(agent.agent)) === undefined) throw revoked(agent);
            noteGiven(agent.agent, orders);
            return orders;
          }
          const leftMs = endsAtMs - performance.now();
          if (poll.isOver() || leftMs <= 0) return [];
          await woken.within(leftMs);
        }
      } finally {
        poll.close();
      }
    },
    begin: (agent) => void given.delete(agent),
  };
}

/** Whatever is said of another's: the report is not taken, for who says that says more that is wrong. */
function refuseForeign({ managementCluster: own }: EnrolledAgent, report: WireReport): void {
  const foreign =
    report.managementCluster !== own
      ? { place: 'managementCluster', name: report.managementCluster }
      : report.planes
          .map(({ managementCluster: name }, n) => ({ place: `planes[${n}].managementCluster`, name }))
          .find(({ name }) => name !== own);
  if (foreign === undefined) return;
  const detail = `body.${foreign.place}: this agent speaks for ${own}, not for ${foreign.name}; nothing of the report was taken`;
  throw new Fault({ code: 'forbidden', detail, whoCan: [`the agent of ${foreign.name}`] });
}

/** Refusals of orders that went to its own management cluster; of others' orders it has nothing to say. */
async function ownOf(agents: Agents, { managementCluster }: EnrolledAgent, refused: WireReport['refused']) {
  const keys = refused.map(({ key }) => key);
  const own = new Set(await agents.ordered(managementCluster, keys));
  return refused.filter(({ key }) => own.has(key));
}

const named = ({ agent, managementCluster }: EnrolledAgent) => ({ agent, managementCluster });

function warnOfForeign(log: Log, agent: EnrolledAgent, foreign: readonly string[]): void {
  const fields = { ...named(agent), planes: foreign.length, some: foreign.slice(0, 5) };
  log.warn(fields, 'an agent reports control planes that another agent speaks for; they stay with the other');
}

export const revoked = ({ agent }: Pick<EnrolledAgent, 'agent'>): Fault =>
  new Fault({
    code: 'unauthenticated',
    detail: `${agent} was revoked; enrol again with a new token`,
    next: ['fleetfix agent invite CLUSTER'],
  });
