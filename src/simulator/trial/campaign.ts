import { availableParallelism } from 'node:os';
import { Worker } from 'node:worker_threads';
import { type Ground, startGround } from './ground.ts';
import type { Outcome } from './trial.ts';

/** Which seeds to play, how long each, and with how many threads. */
export type Order = {
  readonly from: number;
  readonly seeds: number;
  readonly hours: number;
  readonly workers?: number | undefined;
};

/** What all seeds came to. */
export type Tally = {
  readonly seeds: number;
  readonly hours: number;
  readonly simulatedHours: number;
  readonly steps: number;
  readonly calls: number;
  readonly events: number;
  readonly tookMs: number;
  readonly stepsPerSecond: number;
  readonly faults: Readonly<Record<string, number>>;
  readonly acts: Readonly<Record<string, number>>;
  readonly failures: readonly Outcome[];
  /** It was ended before all seeds were played. */
  readonly interrupted: boolean;
};

export type Said = { readonly outcome: Outcome } | { readonly problem: string; readonly seed: number };
export type WorkerData = { readonly address: Ground['address']; readonly hours: number };

/**
 * Plays seeds on one PostgreSQL server, as many at once as there are threads. `signal` ends it after what is
 * being played has come to a stop; what was done so far is told. Throws when a trial itself breaks.
 */
export async function runCampaign(
  order: Order,
  more: { readonly signal: AbortSignal; readonly told: (outcome: Outcome, done: number) => void },
): Promise<Tally> {
  const began = performance.now();
  const ground = await startGround();
  try {
    const outcomes = await playAll(order, ground, more);
    return tallyOf(order, outcomes, performance.now() - began);
  } finally {
    await ground.close();
  }
}

async function playAll(
  order: Order,
  ground: Ground,
  { signal, told }: { readonly signal: AbortSignal; readonly told: (o: Outcome, done: number) => void },
): Promise<Outcome[]> {
  const count = Math.min(order.seeds, order.workers ?? availableParallelism());
  const outcomes: Outcome[] = [];
  const end = order.from + order.seeds;
  let next = order.from;
  await Promise.all(
    Array.from({ length: count }, async () => {
      const worker = hire(ground, order.hours);
      const stop = () => worker.post('stop');
      signal.addEventListener('abort', stop);
      try {
        while (next < end && !signal.aborted) {
          const outcome = await worker.play(next++);
          outcomes.push(outcome);
          told(outcome, outcomes.length);
        }
      } finally {
        signal.removeEventListener('abort', stop);
        await worker.dismiss();
      }
    }),
  );
  return outcomes.sort((a, b) => a.seed - b.seed);
}

/** One thread. A thread that breaks breaks the seed it played. */
function hire(ground: Ground, hours: number) {
  const workerData: WorkerData = { address: ground.address, hours };
  const thread = new Worker(new URL('./worker.ts', import.meta.url), { workerData });
  return {
    post: (text: string) => thread.postMessage(text),
    play: (seed: number): Promise<Outcome> =>
      new Promise((resolve, reject) => {
        const clear = () => {
          thread.off('message', hear);
          thread.off('error', fail);
        };
        const hear = (said: Said) => {
          clear();
          if ('outcome' in said) resolve(said.outcome);
          else reject(new Error(`seed ${said.seed} broke the trial itself: ${said.problem}`));
        };
        const fail = (problem: Error) => {
          clear();
          reject(problem);
        };
        thread.on('message', hear);
        thread.on('error', fail);
        thread.postMessage(seed);
      }),
    dismiss: () =>
      new Promise<void>((resolve) => {
        thread.once('exit', () => resolve());
        thread.postMessage('end');
      }),
  };
}

function tallyOf(order: Order, outcomes: readonly Outcome[], tookMs: number): Tally {
  const sum = (of: (o: Outcome) => number) => outcomes.reduce((total, o) => total + of(o), 0);
  const steps = sum((o) => o.steps);
  return {
    seeds: outcomes.length,
    hours: order.hours,
    simulatedHours: Math.round(sum((o) => o.simulatedMs) / 360_000) / 10,
    steps,
    calls: sum((o) => o.calls),
    events: sum((o) => o.events),
    tookMs: Math.round(tookMs),
    stepsPerSecond: Math.round((steps * 1_000) / tookMs),
    faults: added(outcomes.map((o) => o.faults)),
    acts: added(outcomes.map((o) => o.acts)),
    failures: outcomes.filter((o) => o.failure !== undefined),
    interrupted: outcomes.length < order.seeds,
  };
}

/** Counts added up, by name. */
export function added(counts: readonly Readonly<Record<string, number>>[]): Record<string, number> {
  const total: Record<string, number> = {};
  for (const count of counts)
    for (const [what, n] of Object.entries(count)) total[what] = (total[what] ?? 0) + n;
  return Object.fromEntries(Object.entries(total).sort(([a], [b]) => (a < b ? -1 : 1)));
}
