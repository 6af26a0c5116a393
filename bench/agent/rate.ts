import { writerOn } from '../../src/adapters/kubernetes/writer.ts';
import { FIELD_MANAGER } from '../../src/core/hypershift/objects.ts';
import type { KubePatch } from '../../src/ports/kube.ts';
import type { Measured } from '../bench.ts';
import { kubeOf, watchedAgent } from './agent.ts';
import { type BenchHub, COMPONENT } from './hub.ts';
import { digest, isReady, makeClusters, type Place, pathOf, reported, shortName } from './place.ts';

const NAME = 'bare';
/** As many as the agent has. */
const AT_ONCE = 8;
const LABEL = 'bench.fleetfix.dev/turn';

type Round = { readonly patches: readonly KubePatch[]; readonly perSecond: number };

/** Control planes that nobody rolls: how fast annotations are written, and how soon a change is seen. */
export async function measureWrites(
  place: Place,
  hub: BenchHub,
  it: { readonly count: number; readonly rounds: number },
): Promise<readonly Measured[]> {
  // Up to their release, so that they can be judged; then left alone, so that the server has nothing else to do.
  const operator = place.operate([]);
  await makeClusters(operator, NAME, it.count);
  await operator.stop();
  const ours: number[] = [];
  const bare: number[] = [];
  for (let round = 0; round < it.rounds; round += 1) {
    const { patches, perSecond } = await byAgent(place, hub, { ...it, round });
    ours.push(perSecond);
    bare.push(await byBareClient(place, patches, round));
  }
  const what = `annotations of ${it.count} hosted clusters on one API server, ${AT_ONCE} at once`;
  return [
    {
      what: `${what}: by the agent, from orders handed out to the last answer`,
      unit: 'per s',
      samples: ours,
    },
    { what: `${what}: by a bare client`, unit: 'per s', samples: bare },
    {
      what: 'the agent beside the bare client, round by round',
      unit: 'times',
      promised: { atLeast: 0.8 },
      samples: ours.map((rate, round) => rate / bare[round]!),
    },
    ...(await measureLag(place, hub, it.count)),
  ];
}

const serverOf = ({ cluster }: Place) => ({
  url: cluster.url,
  ca: cluster.ca,
  token: cluster.tokenOf('admin'),
});

const byAgentIn = (round: number) => digest(0x1000 + round);
const byBareIn = (round: number) => digest(0x2000 + round);

async function byAgent(
  place: Place,
  hub: BenchHub,
  { count, round }: { readonly count: number; readonly round: number },
): Promise<Round> {
  hub.planes.clear();
  const agent = await watchedAgent(hub, serverOf(place));
  try {
    const before = round === 0 ? undefined : byBareIn(round - 1);
    const planes = await reported(hub, NAME, {
      count,
      holds: (plane) => isReady(plane) && plane.components[COMPONENT]?.override === before,
    });
    const orders = hub.signed(
      planes.map(({ uid, name }) => ({ uid, name, digest: byAgentIn(round), ifOverride: before ?? null })),
    );
    const began = performance.now();
    hub.handOut(orders);
    await hub.allSettled(orders);
    const written = agent.writes.filter(({ patch }) => !patch.dryRun);
    const twice = written.filter(
      ({ patch }, at) => written.findIndex((w) => w.patch.path === patch.path) < at,
    );
    if (twice.length > 0 || written.length !== count)
      throw new Error(`${written.length} writes for ${count} orders; twice: ${JSON.stringify(twice)}`);
    return {
      patches: written.map(({ patch }) => patch),
      perSecond: (count * 1_000) / (written.at(-1)!.atMs - began),
    };
  } finally {
    await agent.stop();
  }
}

/** The same writes with another image, by the same writer. Its connections are there when the clock starts. */
async function byBareClient(place: Place, patches: readonly KubePatch[], round: number): Promise<number> {
  const kube = kubeOf(serverOf(place));
  const writer = writerOn(kube, FIELD_MANAGER);
  const { signal } = new AbortController();
  const other = patches.map((patch): KubePatch => {
    const text = JSON.stringify(patch.object).replaceAll(byAgentIn(round), byBareIn(round));
    return { ...patch, object: JSON.parse(text) };
  });
  await Promise.all(other.slice(0, AT_ONCE).map(({ path }) => writer.get(path, signal)));
  const queue = [...other];
  const began = performance.now();
  await Promise.all(
    Array.from({ length: AT_ONCE }, async () => {
      for (let next = queue.shift(); next !== undefined; next = queue.shift()) {
        const answer = await writer.patch(next, signal);
        if (answer.outcome !== 'done') throw new Error(`${next.path}: ${answer.because}`);
      }
    }),
  );
  const tookMs = performance.now() - began;
  kube.close();
  return (patches.length * 1_000) / tookMs;
}

/** From asking for a change until the mirror has it, one change at a time. */
async function measureLag(place: Place, hub: BenchHub, count: number): Promise<readonly Measured[]> {
  hub.planes.clear();
  const agent = await watchedAgent(hub, serverOf(place));
  const [toSeen, toAnswered]: number[][] = [[], []];
  try {
    const planes = await reported(hub, NAME, { count, holds: isReady });
    for (const [turn, plane] of planes.entries()) {
      const seen = Promise.withResolvers<number>();
      agent.onSeen = ({ metadata }, atMs) => {
        if (metadata.labels?.[LABEL] === `${turn}`) seen.resolve(atMs);
      };
      const began = performance.now();
      await place.cluster.admin.merge(pathOf(shortName(plane)), {
        metadata: { labels: { [LABEL]: `${turn}` } },
      });
      toAnswered!.push(performance.now() - began);
      toSeen!.push((await seen.promise) - began);
    }
  } finally {
    await agent.stop();
  }
  return [
    { what: `a change asked for, until the mirror of ${count} has it`, unit: 'ms', samples: toSeen! },
    { what: 'the same, until who asked has the answer', unit: 'ms', samples: toAnswered! },
  ];
}
