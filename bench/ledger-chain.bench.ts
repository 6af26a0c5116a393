import { plus } from '../src/core/base/instant.ts';
import { link, ORIGIN, verifyChain } from '../src/core/life/chain.ts';
import type { Recorded } from '../src/core/life/event.ts';
import { type Bench, timesOf } from './bench.ts';

const ROWS = 10_000;

function rows(): Recorded[] {
  const made: Recorded[] = [];
  for (let version = 1; version <= ROWS; version += 1) {
    const previous = made.at(-1)?.hash ?? ORIGIN;
    const row = {
      fix: 'FIX-1' as const,
      version,
      at: plus('2026-11-21T20:00:00.000Z', version),
      author: 'fleetfix',
      surface: 'hub',
      seen: 0,
      event: {
        type: 'TargetsObserved' as const,
        changes: Array.from({ length: 20 }, (_, i) => ({
          uid: `uid-${version}-${i}`,
          to: 'patched' as const,
        })),
      },
    };
    made.push({ ...row, seq: version, previous, hash: link(previous, row) });
  }
  return made;
}

export const bench: Bench = {
  what: 'rows of the ledger verified, with 20 targets each',
  unit: 'per s',
  async run() {
    const chain = rows();
    if (!verifyChain(chain).verified) throw new Error('the chain does not verify');
    return timesOf(() => verifyChain(chain), 10).map((ms) => (ROWS / ms) * 1_000);
  },
};
