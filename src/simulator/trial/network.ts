import { type Instant, type Ms, plus } from '../../core/base/instant.ts';
import type { Report } from '../../core/fleet/report.ts';
import type { Clock } from '../../ports/clock.ts';
import type { Clusters } from '../../ports/clusters.ts';
import type { World } from '../world.ts';

/**
 * What lies between agents and hubs: reports that come late, twice, out of order or not at all, orders
 * that come late, and agents that say what time they think it is.
 */
export type Network = Clusters & {
  /** No hub is there to be told, until one listens again. */
  disconnect(): void;
  /** Reports of the cluster do not get through, and its agent knows; orders do. */
  cutReports(managementCluster: string, forMs: Ms): void;
  /** Orders for the cluster are kept on the way until then. */
  holdOrders(managementCluster: string, forMs: Ms): void;
  /** Its reports reach the hub, and once more so much later, after newer ones. */
  echo(managementCluster: string, forMs: Ms, laterMs: Ms): void;
  /** Its agent's clock is so far off, and it says so in every report. */
  skew(managementCluster: string, byMs: Ms): void;
  /** All spells end, and what is under way arrives. */
  heal(): void;
};

type Until = { readonly until: Instant };

export function createNetwork(world: World, clock: Clock): Network {
  let listener: ((report: Report) => Promise<unknown>) | undefined;
  const cut = new Map<string, Until>();
  const held = new Map<string, Until>();
  const echoes = new Map<string, Until & { readonly laterMs: Ms }>();
  const skews = new Map<string, Ms>();
  const isNow = <T extends Until>(spell: T | undefined): spell is T =>
    spell !== undefined && clock.now() < spell.until;

  /** By the agent's clock. No field of the protocol holds it, and nothing may believe it. */
  const lie = (report: Report): Report => {
    const byMs = skews.get(report.managementCluster);
    if (byMs === undefined) return report;
    const at = plus(clock.now(), byMs);
    const planes = report.planes.map((plane) => ({ ...plane, reportedAt: at }));
    return { ...report, ...{ at, sentAt: at }, planes };
  };

  const tell = async (report: Report) => {
    if (listener === undefined) throw new Error('no hub is there to be told');
    await listener(report);
  };

  const hear = async (said: Report) => {
    const { managementCluster } = said;
    if (isNow(cut.get(managementCluster))) throw new Error('the report did not get through');
    const report = lie(said);
    const echo = echoes.get(managementCluster);
    // A copy that something on the way had kept; whoever is there by then hears it.
    if (isNow(echo)) clock.at(plus(clock.now(), echo.laterMs), () => void tell(report).catch(() => {}));
    await tell(report);
  };

  return {
    disconnect() {
      listener = undefined;
    },
    listen(next) {
      listener = next;
      world.listen(hear);
    },
    async deliver(orders) {
      const late = orders.filter((order) => isNow(held.get(order.managementCluster)));
      for (const order of late)
        clock.at(held.get(order.managementCluster)!.until, () => void world.deliver([order]));
      await world.deliver(orders.filter((order) => !late.includes(order)));
    },
    cutReports: (name, forMs) => void cut.set(name, { until: plus(clock.now(), forMs) }),
    holdOrders: (name, forMs) => void held.set(name, { until: plus(clock.now(), forMs) }),
    echo: (name, forMs, laterMs) => void echoes.set(name, { until: plus(clock.now(), forMs), laterMs }),
    skew: (name, byMs) => void skews.set(name, byMs),
    heal() {
      for (const spells of [cut, held, echoes, skews]) spells.clear();
    },
  };
}
