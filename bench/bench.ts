/**
 * One number we promise or watch. A file `<name>.bench.ts` in this folder exports one as `bench`.
 *
 * `run` measures and returns samples in `unit`, at least 5; setting up is not part of a sample.
 * `promised` is the number of ARCHITECTURE.md; absent: we only watch it.
 */
export type Bench = Named & { run(): Promise<readonly number[]> };

/** Several numbers of one set-up, e.g. ours beside what it is compared with. Exported as `benches`. */
export type Benches = { run(asked: Asked): Promise<readonly Measured[]> };

/** What was asked for on the command line; `print` is for tables that are no samples. */
export type Asked = { readonly seeds?: number | undefined; print(text: string): void };

export type Measured = Named & { readonly samples: readonly number[] };

type Named = {
  readonly what: string;
  /** `times`: how many times as fast as what it is compared with. */
  readonly unit: 'ms' | 'per s' | 'times';
  readonly promised?: { readonly atMost: number } | { readonly atLeast: number } | undefined;
};

export type Summary = {
  readonly what: string;
  readonly unit: Bench['unit'];
  readonly median: number;
  /** The slowest of ten and of a hundred: the high end of times, the low end of rates. */
  readonly p90: number;
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

/** What a file of this folder measures, whichever of the two it exports. */
export async function measuredBy(
  exported: { readonly bench?: Bench; readonly benches?: Benches },
  asked: Asked,
): Promise<readonly Measured[]> {
  const { bench, benches } = exported;
  if (bench) return [{ ...bench, samples: await bench.run() }];
  if (benches) return benches.run(asked);
  throw new TypeError('expected an export called bench or benches');
}

/** What the samples say; the promise is held against the median. */
export function summarise({ what, unit, promised, samples }: Measured): Summary {
  if (samples.length < 5) throw new RangeError(`${what}: ${samples.length} samples, expected 5 or more`);
  const sorted = [...samples].sort((a, b) => (unit === 'ms' ? a - b : b - a));
  const at = (share: number) => sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))]!;
  const base = { what, unit, median: at(0.5), p90: at(0.9), p99: at(0.99), samples: samples.length };
  if (!promised) return { ...base, promised: '', kept: undefined };
  if ('atMost' in promised)
    return { ...base, promised: `at most ${promised.atMost}`, kept: base.median <= promised.atMost };
  return { ...base, promised: `at least ${promised.atLeast}`, kept: base.median >= promised.atLeast };
}
