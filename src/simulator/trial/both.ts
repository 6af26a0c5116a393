import { type Ground, memoryGround } from './ground.ts';
import { type Outcome, runTrial, type TrialOptions } from './trial.ts';
import type { Failure } from './watch.ts';

/**
 * Plays one seed in memory and then on a server, which must come to the same ledger, hash by hash: what
 * holds of the seeds that are played in memory alone then holds of a real database too. The second is
 * not played once the first broke or was ended early.
 */
export async function playOnBoth(options: Omit<TrialOptions, 'ground'>, server: Ground): Promise<Outcome[]> {
  const memory = await runTrial({ ...options, ground: memoryGround });
  if (memory.failure !== undefined || options.signal?.aborted) return [memory];
  const other = await runTrial({ ...options, ground: server });
  const failure = other.failure ?? (options.signal?.aborted ? undefined : whyDiffering(memory, other));
  return [memory, { ...other, ...(failure && { failure }) }];
}

/** What is not the same of one seed played twice; undefined when all is. */
export function whyDiffering(one: Outcome, other: Outcome): Failure | undefined {
  const told = ({ on, events, calls, fingerprint }: Outcome) =>
    `${events} events (${fingerprint}) after ${calls} calls on ${on}`;
  if (one.fingerprint === other.fingerprint && one.calls === other.calls) return undefined;
  return {
    at: other.endedAt,
    invariant: 'every database comes to the same ledger',
    finding: `${told(one)}, ${told(other)}`,
    last: [],
  };
}
