// The hub's side of 1,500 agents with 100,500 control planes: their reports through the routes they call, and what
// is asked of the fleet meanwhile. The application is called without a socket; the database is real, with fsync.
import { openStorage, type Storage } from '../src/adapters/postgres/index.ts';
import { startTestServer } from '../src/adapters/postgres/testing.ts';
import { type Instant, MINUTE, plus } from '../src/core/base/instant.ts';
import { createGateway } from '../src/hub/agents/gateway.ts';
import { addAgentRoutes } from '../src/hub/agents/routes.ts';
import { createSessions } from '../src/hub/agents/sessions.ts';
import { enrolAgent, type TestAgent } from '../src/hub/agents/test-agent.ts';
import { createApi } from '../src/hub/api/app.ts';
import type { Api } from '../src/hub/api/context.ts';
import { memoryParts } from '../src/hub/api/memory-desk.ts';
import type { WireReport } from '../src/wire/agent.ts';
import type { Benches, Measured } from './bench.ts';

const AGENTS = 1_500;
const PLANES_PER_AGENT = 67;
const AT_ONCE = 4;
const COMPONENT = 'control-plane-operator';
const DIGEST = `sha256:${'a'.repeat(64)}` as const;

const clusterOf = (n: number): string => `mc-${n}`;

function reportOf(n: number, number: number, planes: number): WireReport {
  const managementCluster = clusterOf(n);
  return {
    managementCluster,
    run: 'run-1',
    number,
    ...(number === 1 && { full: true }),
    planes: Array.from({ length: planes }, (_, i) => ({
      uid: `uid-${n}-${i}`,
      name: `cp-${n}-${i}`,
      managementCluster,
      region: 'eu-west',
      sector: 'main',
      customer: `customer-${i}`,
      platform: 'aws',
      version: `4.19.${number}`,
      availability: 'HighlyAvailable',
      components: { [COMPONENT]: { digest: DIGEST, release: DIGEST } },
      past: { episodes: 1, hours: 700 },
    })),
    gone: [],
    lost: [],
    images: [],
    refused: [],
    settled: [],
  };
}

/** The hub as agents see it; `pass` moves its clock, which the limit on enrolments goes by. */
function hubOver(storage: Storage) {
  let now: Instant = '2026-11-21T20:00:00.000Z';
  const { agents, fleet } = storage;
  const parts = memoryParts({ log: { info() {}, warn() {}, error: console.error } });
  const app = createApi(parts);
  const gateway = createGateway({ agents, now: () => now, log: parts.log });
  gateway.listen((report) => fleet.report(report, now));
  const pass = (ms: number) => {
    now = plus(now, ms);
  };
  const sessions = createSessions({ secret: Buffer.alloc(32, 1), now: () => now });
  addAgentRoutes(app, { agents, gateway, sessions, hubKeys: [], now: () => now, log: parts.log });
  return { app, pass, at: () => now };
}

async function enrolAll(app: Api, storage: Storage, hub: ReturnType<typeof hubOver>): Promise<TestAgent[]> {
  const all: TestAgent[] = [];
  for (let n = 0; n < AGENTS; n += 1) {
    if (n % 100 === 0) hub.pass(MINUTE);
    const token = await storage.agents.invite(clusterOf(n), plus(hub.at(), MINUTE));
    all.push(await enrolAgent(app, { token, managementCluster: clusterOf(n) }));
  }
  return all;
}

/** Control planes taken in a second, a sample for each tenth of the agents. */
async function ratesOf(agents: readonly TestAgent[], number: number, planes: number): Promise<number[]> {
  const rates: number[] = [];
  const tenth = agents.length / 10;
  for (let first = 0; first < agents.length; first += tenth) {
    const queue = Array.from({ length: tenth }, (_, i) => first + i);
    // Texts are the agents' work, not the hub's.
    const texts = new Map(queue.map((n) => [n, reportOf(n, number, planes)]));
    const began = performance.now();
    await Promise.all(
      Array.from({ length: AT_ONCE }, async () => {
        for (let n = queue.shift(); n !== undefined; n = queue.shift()) {
          const response = await agents[n]!.report(texts.get(n)!);
          if (response.status !== 200) throw new Error(await response.text());
        }
      }),
    );
    rates.push((tenth * planes * 1_000) / (performance.now() - began));
  }
  return rates;
}

async function timed(times: number, work: (n: number) => Promise<unknown>): Promise<number[]> {
  const samples: number[] = [];
  for (let n = 0; n < times; n += 1) {
    const began = performance.now();
    await work(n);
    samples.push(performance.now() - began);
  }
  return samples;
}

/** CPU this process spends in a second on agents that only wait. */
async function waitingCost(agents: readonly TestAgent[]): Promise<number[]> {
  const leave = new AbortController();
  const waits = agents.map((agent) => agent.orders('?wait=60', leave.signal));
  const samples: number[] = [];
  for (let second = 0; second < 12; second += 1) {
    const before = process.cpuUsage();
    await new Promise((resolve) => setTimeout(resolve, 1_000));
    const { user, system } = process.cpuUsage(before);
    // The first look of all of them is not waiting.
    if (second >= 2) samples.push((user + system) / 1_000);
  }
  leave.abort();
  await Promise.all(waits);
  return samples;
}

export const benches: Benches = {
  async run({ print }): Promise<readonly Measured[]> {
    const server = await startTestServer({});
    const storage = await openStorage({ connection: await server.freshDatabase() });
    try {
      const hub = hubOver(storage);
      const agents = await enrolAll(hub.app, storage, hub);
      const full = await ratesOf(agents, 1, PLANES_PER_AGENT);
      const changed = await ratesOf(agents, 2, PLANES_PER_AGENT);
      const some = await ratesOf(agents, 3, 5);
      await storage.fleet.planes(COMPONENT);
      const one = await timed(500, (n) =>
        storage.fleet.plane(`cp-${(n * 37) % AGENTS}-${n % PLANES_PER_AGENT}`),
      );
      const look = await timed(20, async (n) => {
        const response = await agents[n]!.report(reportOf(n, 4, PLANES_PER_AGENT));
        if (response.status !== 200) throw new Error(await response.text());
        return await storage.fleet.planes(COMPONENT);
      });
      const waiting = await waitingCost(agents);
      print(`hub process after all: ${Math.round(process.memoryUsage().rss / 2 ** 20)} MiB`);
      const through = `of 1,500 agents through their routes, ${AT_ONCE} at once, fsync on`;
      return [
        {
          what: `control planes taken in by full reports of ${PLANES_PER_AGENT} ${through}`,
          unit: 'per s',
          promised: { atLeast: 5_000 },
          samples: full,
        },
        {
          what: `the same, each of them changed, 100,500 in the fleet`,
          unit: 'per s',
          promised: { atLeast: 5_000 },
          samples: changed,
        },
        { what: `the same, 5 changed in a report`, unit: 'per s', samples: some },
        {
          what: 'one control plane of 100,500 found by its name',
          unit: 'ms',
          promised: { atMost: 50 },
          samples: one,
        },
        { what: 'a report of 67 taken, and the whole fleet of 100,500 looked at', unit: 'ms', samples: look },
        {
          what: 'CPU of the hub in a second while 1,500 agents wait for orders',
          unit: 'ms',
          samples: waiting,
        },
      ];
    } finally {
      await storage.close();
      await server.stop();
    }
  },
};
