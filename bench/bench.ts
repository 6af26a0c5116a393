/**
 * One number we promise or watch. A file `<name>.bench.ts` in this folder exports one as `bench`.
 *
 * `run` measures and returns samples in `unit`, at least 5; setting up is not part of a sample.
 * `promised` is the number of ARCHITECTURE.md; absent: we only watch it.
 */
export type Bench = {
  readonly what: string;
  readonly unit: 'ms' | 'per s';
  readonly promised?: { readonly atMost: number } | { readonly atLeast: number };
  run(): Promise<readonly number[]>;
};

export type Summary = {
  readonly what: string;
  readonly unit: Bench['unit'];
  readonly median: number;
  /** The slowest of a hundred: the high end of times, the low end of rates. */
  readonly p99: number;
  readonly samples: number;
  readonly promised: string;
  readonly kept: boolean | undefined;
};

/** Milliseconds of each of `times` calls, after `warmUp` calls that do not count. */
export function timesOf(work: () => unknown, times: number, warmUp = 3): number[] {
  for (let i = 0; i < warmUp; i += 1) work();
  return Array.from({ length: times }, () => {
    const beganMs = performance.now();
    work();
    return performance.now() - beganMs;
  });
}

/** What the samples say; the promise is held against the median. */
export function summarise(bench: Bench, samples: readonly number[]): Summary {
  if (samples.length < 5)
    throw new RangeError(`${bench.what}: ${samples.length} samples, expected 5 or more`);
  const sorted = [...samples].sort((a, b) => (bench.unit === 'ms' ? a - b : b - a));
  const at = (share: number) => sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))]!;
  const { promised } = bench;
  const base = {
    what: bench.what,
    unit: bench.unit,
    median: at(0.5),
    p99: at(0.99),
    samples: samples.length,
  };
  if (!promised) return { ...base, promised: '', kept: undefined };
  if ('atMost' in promised)
    return { ...base, promised: `at most ${promised.atMost}`, kept: base.median <= promised.atMost };
  return { ...base, promised: `at least ${promised.atLeast}`, kept: base.median >= promised.atLeast };
}
