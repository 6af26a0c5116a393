import { between } from '../../src/adapters/kubernetes/testing.ts';
import type { Digest } from '../../src/core/base/ids.ts';
import type { ReportedPlane } from '../../src/core/hypershift/inventory.ts';
import type { Operator } from '../../test/cluster/hypershift/operator.ts';
import type { Measured } from '../bench.ts';
import { watchedAgent } from './agent.ts';
import { type BenchHub, COMPONENT } from './hub.ts';
import { digest, isReady, makeClusters, type Place, pathOf, reported, shortName } from './place.ts';

const NAME = 'full';
const [FIRST, SECOND] = [digest(0xf1), digest(0xf2)];

const wanted = ({ uid, name, components }: ReportedPlane, to: Digest) => ({
  uid,
  name,
  digest: to,
  ifOverride: components[COMPONENT]?.override ?? null,
});

const serverOf = ({ cluster }: Place) => ({
  url: cluster.url,
  ca: cluster.ca,
  token: cluster.tokenOf('admin'),
});

/** Control planes that really roll: how long an order takes, one by one, and what it costs when all come at once. */
export async function measureDelivery(
  place: Place,
  hub: BenchHub,
  it: { readonly count: number; readonly oneByOne: number; print(text: string): void },
): Promise<readonly Measured[]> {
  const operator = place.operate();
  try {
    await makeClusters(operator, NAME, it.count);
    const delays = await delaysOf(place, hub, { ...it, operator });
    await countCalls(place, hub, it);
    return delays;
  } finally {
    await operator.stop();
  }
}

async function delaysOf(
  place: Place,
  hub: BenchHub,
  it: { readonly count: number; readonly oneByOne: number; readonly operator: Operator },
): Promise<readonly Measured[]> {
  const agent = await watchedAgent(hub, serverOf(place));
  const [toAnnotation, toRolled, toProven]: number[][] = [[], [], []];
  try {
    const planes = await reported(hub, NAME, { count: it.count, holds: isReady });
    for (const plane of planes.slice(0, it.oneByOne)) {
      const orders = hub.signed([wanted(plane, FIRST)]);
      const handedOutMs = performance.now();
      hub.handOut(orders);
      await hub.allSettled(orders);
      const annotatedMs = agent.writes.findLast(({ patch }) => !patch.dryRun)!.atMs;
      toAnnotation!.push(annotatedMs - handedOutMs);
      const since = () => performance.now() - annotatedMs;
      const cluster = await place.cluster.admin.get(pathOf(shortName(plane)));
      const holds = ({ components }: ReportedPlane) => components[COMPONENT]?.digest === FIRST;
      const proven = reported(hub, shortName(plane), { count: 1, holds }).then(since);
      toRolled!.push(await it.operator.settled(cluster).then(since));
      toProven!.push(await proven);
    }
  } finally {
    await agent.stop();
  }
  const one = 'of a control plane of 7 workloads by itself';
  return [
    { what: `order handed out, until the annotation is written, ${one}`, unit: 'ms', samples: toAnnotation! },
    { what: `annotation written, until proven at the hub, ${one}`, unit: 'ms', samples: toProven! },
    { what: 'of that, until the pretend operator has rolled it', unit: 'ms', samples: toRolled! },
  ];
}

/** What the API server is asked for from the moment orders for all of them are there until all are proven. */
async function countCalls(
  place: Place,
  hub: BenchHub,
  { count, print }: { readonly count: number; print(text: string): void },
): Promise<void> {
  const server = serverOf(place);
  const way = await between(server);
  const agent = await watchedAgent(hub, way);
  try {
    const planes = await reported(hub, NAME, { count, holds: isReady });
    await hub.heard();
    const before = way.asked.length;
    const orders = hub.signed(planes.map((plane) => wanted(plane, SECOND)));
    const began = performance.now();
    hub.handOut(orders);
    await reported(hub, NAME, { count, holds: ({ components }) => components[COMPONENT]?.digest === SECOND });
    const seconds = (performance.now() - began) / 1_000;
    const asked = way.asked.slice(before);
    const of = (holds: (it: (typeof asked)[number]) => boolean) => asked.filter(holds).length;
    const dryRuns = of(({ path }) => path.includes('dryRun=All'));
    const writes = of(({ method }) => method === 'PATCH') - dryRuns;
    const reads = of(({ method, watch }) => method === 'GET' && !watch);
    const watches = of(({ watch }) => watch);
    print(
      `API calls for ${count} control planes delivered and proven, ${seconds.toFixed(1)} s: ${reads} reads, ${dryRuns} dry runs, ` +
        `${writes} writes, ${watches} watches opened again; ${(asked.length / count).toFixed(2)} a control plane`,
    );
  } finally {
    await agent.stop();
    await way.close();
  }
}
