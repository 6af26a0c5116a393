import { breaking, breakingStratum, type Laws, NOISY, QUIET, STORMY } from '../../src/core/forecast/laws.ts';
import { type ModelFleet, makeModelFleet } from '../../src/core/forecast/model-fleet.ts';
import { type Outcomes, overRuns, spreadOf } from '../../src/core/forecast/outcome.ts';
import { simulate } from '../../src/core/forecast/simulate.ts';
import type { Policy } from './policy.ts';

/** Long enough for everything that waits a day. */
const UNTIL_MIN = 6_000;
export const SHARES = [0.005, 0.01, 0.05, 0.2, 1];
export const LATENCIES_MIN = [1, 10, 30];
export const BURNING_SHARES = [0.0002, 0.001, 0.01, 0.1];
/** Nothing bad of itself, so that no policy stops a good fix and what burns can be compared for all. */
const STILL: Laws = { ...QUIET, noise: { ...QUIET.noise, episodesPerHour: 0 } };
/** How likely a fix is bad, where total harm is told. */
const BAD_SHARE = 0.05;

/** Plays a policy under seeds 1, 2, 3, … */
function play(policy: Policy, fleet: ModelFleet, laws: Laws, seeds: number): Outcomes {
  const outcomes = Array.from({ length: seeds }, (_, i) => {
    const rule = policy.make(fleet, i + 1);
    return simulate({ fleet, laws, rule, seed: i + 1, untilMin: UNTIL_MIN });
  });
  return overRuns(outcomes);
}

/** A good fix: without burners for the times and false halts; with 1 % burning for what burns. */
export type GoodFix = {
  readonly t95Min?: number;
  /** Halted though nothing was wrong: quiet, with ten times the noise, in incident storms. */
  readonly falseHalts: readonly number[];
  readonly burnHours?: number;
};

export function goodFix(policy: Policy, planes: number, seeds: number): GoodFix {
  const fleet = makeModelFleet({ seed: 1, planes });
  const [quiet, noisy, stormy] = [QUIET, NOISY, STORMY].map((laws) => play(policy, fleet, laws, seeds));
  const burns = play(
    policy,
    makeModelFleet({ seed: 1, planes, burningShare: 0.01 }),
    STILL,
    Math.ceil(seeds / 4),
  );
  return {
    ...(quiet!.t95Min && { t95Min: quiet!.t95Min.median }),
    falseHalts: [quiet!, noisy!, stormy!].map((it) => it.haltedByRuleShare),
    ...(burns.burnHours && { burnHours: burns.burnHours.mean }),
  };
}

/** Of a bad fix: mean control planes broken, and hours of them. */
export type BadFix = {
  readonly share: number;
  readonly latencyMin: number;
  readonly broken: number;
  readonly hours: number;
};

/** Every share with every latency. */
export function badFix(policy: Policy, fleet: ModelFleet, seeds: number): BadFix[] {
  return SHARES.flatMap((share) =>
    LATENCIES_MIN.map((latencyMin) => {
      const { broken, brokenHours } = play(policy, fleet, breaking(QUIET, share, latencyMin), seeds);
      return { share, latencyMin, broken: broken.mean, hours: brokenHours.mean };
    }),
  );
}

/** Mean broken when one stratum of about such a share breaks completely, 10 minutes after. */
export function brokenStratum(
  policy: Policy,
  planes: number,
  shares: readonly number[],
  seeds: number,
): number[] {
  const fleet = makeModelFleet({ seed: 1, planes });
  const sizes = new Array<number>(fleet.strata).fill(0);
  for (const stratum of fleet.stratum) sizes[stratum]! += 1;
  return shares.map((share) => {
    const off = sizes.map((size) => Math.abs(size / fleet.size - share));
    const stratum = off.indexOf(Math.min(...off));
    return play(policy, fleet, breakingStratum(QUIET, stratum, 10), seeds).broken.mean;
  });
}

/**
 * Total expected harm in control plane hours by the share burning: what burns under a good fix, and the chance of a
 * bad one times broken and hours broken, even over all shares and latencies. `bad`: as it is with nothing burning.
 */
export function totalHarm(
  policy: Policy,
  planes: number,
  bad: readonly BadFix[],
  seeds: number,
): (number | undefined)[] {
  return BURNING_SHARES.map((burningShare) => {
    const fleet = makeModelFleet({ seed: 1, planes, burningShare });
    const { burnHours } = play(policy, fleet, STILL, seeds);
    const cells = policy.mindsBurning === true ? badFix(policy, fleet, seeds) : bad;
    if (burnHours === undefined) return undefined;
    return burnHours.mean + BAD_SHARE * spreadOf(cells.map((cell) => cell.broken + cell.hours)).mean;
  });
}
