import { availableParallelism } from 'node:os';
import { Worker } from 'node:worker_threads';
import { type Address, type ServerGround, startGround } from './ground.ts';
import type { Outcome } from './trial.ts';

/** Which seeds to play, how long each, and with how many threads. Each is played in memory. */
export type Order = {
  readonly from: number;
  readonly seeds: number;
  readonly hours: number;
  /** Every so manieth seed is played on PostgreSQL too (the seeds that it divides); 0: none. */
  readonly postgresEvery: number;
  readonly workers?: number | undefined;
};

/** What all seeds came to. */
export type Tally = {
  readonly seeds: number;
  /** Of them, those that were played on PostgreSQL too. */
  readonly onPostgres: number;
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

export type Said =
  | { readonly outcomes: readonly Outcome[] }
  | { readonly problem: string; readonly seed: number };
export type Asked = 'stop' | 'end' | { readonly seed: number; readonly onBoth: boolean };
/** `address`: of the server, when one is needed. */
export type WorkerData = { readonly address?: Address; readonly hours: number };

/** Whether a seed is played on PostgreSQL too; of the seed alone, so that one that broke is played so again. */
const isOnBoth = ({ postgresEvery }: Order, seed: number): boolean =>
  postgresEvery > 0 && seed % postgresEvery === 0;

/**
 * Plays seeds, as many at once as there are threads. `signal` ends it after what is being played has come
 * to a stop; what was done so far is told, `done` in seeds. Throws when a trial itself breaks.
 */
export async function runCampaign(order: Order, more: More): Promise<Tally> {
  const began = performance.now();
  const seeds = Array.from({ length: order.seeds }, (_, i) => order.from + i);
  const server = seeds.some((seed) => isOnBoth(order, seed)) ? await startGround() : undefined;
  try {
    const outcomes = await playAll({ order, seeds, server }, more);
    return tallyOf(order, outcomes, performance.now() - began);
  } finally {
    await server?.close();
  }
}

type More = { readonly signal: AbortSignal; readonly told: (outcome: Outcome, done: number) => void };

type Plan = {
  readonly order: Order;
  readonly seeds: readonly number[];
  readonly server: ServerGround | undefined;
};

async function playAll({ order, seeds, server }: Plan, { signal, told }: More): Promise<Outcome[]> {
  const count = Math.min(seeds.length, order.workers ?? availableParallelism());
  const outcomes: Outcome[] = [];
  const left = [...seeds];
  let done = 0;
  await Promise.all(
    Array.from({ length: count }, async () => {
      const worker = hire({ hours: order.hours, ...(server && { address: server.address }) });
      const stop = () => worker.post('stop');
      signal.addEventListener('abort', stop);
      try {
        for (let seed = left.shift(); seed !== undefined && !signal.aborted; seed = left.shift()) {
          const played = await worker.play({ seed, onBoth: isOnBoth(order, seed) });
          outcomes.push(...played);
          done += 1;
          told(played.at(-1)!, done);
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
function hire(workerData: WorkerData) {
  const thread = new Worker(new URL('./worker.ts', import.meta.url), { workerData });
  return {
    post: (asked: Asked) => thread.postMessage(asked),
    play: (asked: Exclude<Asked, string>): Promise<readonly Outcome[]> =>
      new Promise((resolve, reject) => {
        const clear = () => {
          thread.off('message', hear);
          thread.off('error', fail);
        };
        const hear = (said: Said) => {
          clear();
          if ('outcomes' in said) resolve(said.outcomes);
          else reject(new Error(`seed ${said.seed} broke the trial itself: ${said.problem}`));
        };
        const fail = (problem: Error) => {
          clear();
          reject(problem);
        };
        thread.on('message', hear);
        thread.on('error', fail);
        thread.postMessage(asked);
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
  const seeds = new Set(outcomes.map((o) => o.seed)).size;
  return {
    seeds,
    onPostgres: outcomes.filter((o) => o.on === 'PostgreSQL').length,
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
    interrupted: seeds < order.seeds,
  };
}

/** Counts added up, by name. */
export function added(counts: readonly Readonly<Record<string, number>>[]): Record<string, number> {
  const total: Record<string, number> = {};
  for (const count of counts)
    for (const [what, n] of Object.entries(count)) total[what] = (total[what] ?? 0) + n;
  return Object.fromEntries(Object.entries(total).sort(([a], [b]) => (a < b ? -1 : 1)));
}
