import { loadavg } from 'node:os';
import { writerOn } from '../../src/adapters/kubernetes/writer.ts';
import type { Digest } from '../../src/core/base/ids.ts';
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

/** The last writes of either, and the image they put in place. */
type Round = { readonly patches: readonly KubePatch[]; readonly image: Digest; readonly perSecond: number };

/** Control planes that nobody rolls: how fast annotations are written, and how soon a change is seen. */
export async function measureWrites(
  place: Place,
  hub: BenchHub,
  it: { readonly count: number; readonly pairs: number; print(text: string): void },
): Promise<readonly Measured[]> {
  // Up to their release, so that they can be judged; then left alone, so that the server has nothing else to do.
  const operator = place.operate([]);
  await makeClusters(operator, NAME, it.count);
  await operator.stop();
  const { ours, bare } = await inPairs(place, hub, it);
  const ratios = ours.map((rate, pair) => rate / bare[pair]!);
  const sorted = ratios.toSorted((a, b) => a - b);
  const at = (share: number) => sorted[Math.floor(share * (sorted.length - 1))]!.toFixed(2);
  it.print(
    `the agent beside the bare client in ${ratios.length} pairs of ${it.count} writes: half of them between ${at(0.25)} and ${at(0.75)}, ` +
      `all between ${at(0)} and ${at(1)}; load ${loadavg()[0]!.toFixed(1)} at the end`,
  );
  const what = `annotations of ${it.count} hosted clusters on one API server, ${AT_ONCE} at once`;
  return [
    {
      what: `${what}: by the agent, from orders handed out to the last answer`,
      unit: 'per s',
      samples: ours,
    },
    { what: `${what}: by a bare client`, unit: 'per s', samples: bare },
    {
      what: 'the agent beside the bare client, pair by pair',
      unit: 'times',
      promised: { atLeast: 0.8 },
      samples: ratios,
    },
    ...(await measureLag(place, hub, it.count)),
  ];
}

/** One after the other, and who goes first by turns: neither has the warmer server. The first pair is to warm up, and does not count. */
async function inPairs(
  place: Place,
  hub: BenchHub,
  { count, pairs }: { readonly count: number; readonly pairs: number },
): Promise<{ readonly ours: number[]; readonly bare: number[] }> {
  let images = 0x1000;
  let agents: Round | undefined;
  let there: Digest | undefined;
  const byUs = async () => {
    agents = await byAgent(place, hub, { count, before: there, image: digest(images++) });
    there = agents.image;
    return agents.perSecond;
  };
  const byThem = async () => {
    there = digest(images++);
    return await byBareClient(place, agents!, there);
  };
  const ours: number[] = [];
  const bare: number[] = [];
  for (let pair = 0; pair <= pairs; pair += 1) {
    const oursFirst = pair % 2 === 0 ? await byUs() : undefined;
    const theirs = await byThem();
    const rate = oursFirst ?? (await byUs());
    if (pair === 0) continue;
    ours.push(rate);
    bare.push(theirs);
  }
  return { ours, bare };
}

const serverOf = ({ cluster }: Place) => ({
  url: cluster.url,
  ca: cluster.ca,
  token: cluster.tokenOf('admin'),
});

async function byAgent(
  place: Place,
  hub: BenchHub,
  it: { readonly count: number; readonly before: Digest | undefined; readonly image: Digest },
): Promise<Round> {
  const { count, before, image } = it;
  hub.planes.clear();
  const agent = await watchedAgent(hub, serverOf(place));
  try {
    const planes = await reported(hub, NAME, {
      count,
      holds: (plane) => isReady(plane) && plane.components[COMPONENT]?.override === before,
    });
    const orders = hub.signed(
      planes.map(({ uid, name }) => ({ uid, name, digest: image, ifOverride: before ?? null })),
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
      image,
      perSecond: (count * 1_000) / (written.at(-1)!.atMs - began),
    };
  } finally {
    await agent.stop();
  }
}

/** The same writes with another image, by the same writer. Its connections are there when the clock starts. */
async function byBareClient(place: Place, { patches, image }: Round, next: Digest): Promise<number> {
  const kube = kubeOf(serverOf(place));
  const writer = writerOn(kube, FIELD_MANAGER);
  const { signal } = new AbortController();
  const other = patches.map((patch): KubePatch => {
    const text = JSON.stringify(patch.object).replaceAll(image, next);
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
