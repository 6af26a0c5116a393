import { limitOf } from '../base/limit.ts';
import type { Verdict } from './verdict.ts';

/** One changed control plane as far as its health goes. */
export type Outcome = {
  readonly wave: number;
  readonly managementCluster: string;
  /** Whether it failed at any time since it was told. */
  readonly broke: boolean;
  readonly patched: boolean;
};

export type StopLimits = {
  readonly failedPerWaveMax: number;
  readonly failedPerManagementClusterMax: number;
};

/**
 * What the control planes changed so far say of the fix.
 *
 * Counts every failure before it judges, so names and order cannot matter. A limit that is not a whole
 * number of at least 0 means 0. "Not enough data" until the first one runs the image.
 */
export function assess(outcomes: readonly Outcome[], limits: StopLimits): Verdict {
  const broken = outcomes.filter((o) => o.broke);
  const perWave = worst(broken.map((o) => o.wave));
  const perCluster = worst(broken.map((o) => o.managementCluster));
  const waveMax = limitOf(limits.failedPerWaveMax, 0);
  const clusterMax = limitOf(limits.failedPerManagementClusterMax, 0);
  const patched = outcomes.filter((o) => o.patched).length;
  const counts = `${broken.length} of ${outcomes.length} changed failed`;

  if (perWave && perWave.count > waveMax) {
    return {
      kind: 'worse',
      because: `${perWave.count} failed in wave ${perWave.key} (limit ${waveMax}); ${counts}`,
    };
  }
  if (perCluster && perCluster.count > clusterMax) {
    const where = `on ${perCluster.key} (limit ${clusterMax})`;
    return { kind: 'worse', because: `${perCluster.count} failed ${where}; ${counts}` };
  }
  if (patched === 0) return { kind: 'not enough data', because: 'no control plane runs the image yet' };
  return { kind: 'not worse', because: `${patched} run it, ${counts}` };
}

/** The key that occurs most, the smallest of equals. */
function worst<K extends number | string>(keys: readonly K[]): { key: K; count: number } | undefined {
  const counts = new Map<K, number>();
  for (const key of keys) counts.set(key, (counts.get(key) ?? 0) + 1);
  const ranked = [...counts].sort(([a, m], [b, n]) => n - m || (a < b ? -1 : 1));
  return ranked[0] && { key: ranked[0][0], count: ranked[0][1] };
}
