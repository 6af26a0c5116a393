// An agent on a real API server: what an order costs, beside a bare client on the same server in the same run; and, without a
// server, what it takes to follow thousands of control planes. The hub is the one of the agent's tests, in this process.
import { measureDelivery } from './agent/delays.ts';
import { benchHub } from './agent/hub.ts';
import { measureFollowing } from './agent/memory.ts';
import { openPlace } from './agent/place.ts';
import { measureWrites } from './agent/rate.ts';
import type { Asked, Benches, Measured } from './bench.ts';

/** FLEETFIX_BENCH_SMALL: only to see that it runs. */
const SIZES = process.env.FLEETFIX_BENCH_SMALL
  ? { rolled: 6, oneByOne: 5, written: 24, pairs: 20, followed: [50, 100] }
  : { rolled: 30, oneByOne: 20, written: 200, pairs: 20, followed: [500, 5_000] };

export const benches: Benches = {
  async run({ print }) {
    const followed = [];
    for (const planes of SIZES.followed) followed.push(...(await measureFollowing(planes, print)));
    return [...(await onApiServer({ print })), ...followed];
  },
};

async function onApiServer({ print }: Pick<Asked, 'print'>): Promise<readonly Measured[]> {
  const place = await openPlace();
  const hub = benchHub();
  try {
    const { rolled: count, oneByOne, written, pairs } = SIZES;
    const delivered = await measureDelivery(place, hub, { count, oneByOne, print });
    return [...(await measureWrites(place, hub, { count: written, pairs, print })), ...delivered];
  } finally {
    hub.close();
    await place.close();
  }
}
