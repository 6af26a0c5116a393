import { MINUTE } from '../base/instant.ts';
import { oneBoxSize } from '../pace/choose.ts';
import { shownBy } from '../pace/latency-law.ts';
import type { Pace } from '../pace/pace.ts';
import { evidencePaced, fieldOfModel, groundOf } from './evidence-paced.ts';
import { breaking, type Laws } from './laws.ts';
import type { ModelFleet } from './model-fleet.ts';
import { type Outcome, overRuns } from './outcome.ts';
import { simulate } from './simulate.ts';

/** A bad fix to be afraid of: the share of those that run it that breaks, and the median minutes until it shows. */
export type Badness = { readonly p: number; readonly latencyMin: number };

export type ForecastInput = {
  readonly fleet: ModelFleet;
  readonly pace: Pace;
  /** How the fleet behaves by itself. */
  readonly laws: Laws;
  readonly bad: readonly Badness[];
  readonly seed: number;
  /** Runs of each bad fix; and of the good one, as many where nothing is said. */
  readonly runs: number;
  readonly goodRuns?: number;
  readonly convergeWithinMin: number;
};

/**
 * What is to be expected of a rollout. Minutes from its start, medians over the runs; absent: not within ten days.
 * `falseHaltShare`: runs that halted a good fix. `bound`: the mean of so many runs is at most this, by the rule's
 * guarantee; all that can break where the break shows later than the pace assumes.
 */
export type Forecast = {
  readonly planes: number;
  readonly burning: number;
  readonly budget: number;
  readonly runs: number;
  readonly good: {
    readonly t50Min?: number;
    readonly t95Min?: number;
    readonly t100Min?: number;
    readonly falseHaltShare: number;
  };
  readonly bad: readonly (Badness & {
    readonly brokenMean: number;
    readonly brokenP95: number;
    readonly bound: number;
    /** Control-plane hours until they are back. */
    readonly brokenHours: number;
  })[];
};

/** The breaks people are shown: one in a hundred, in twenty, in five, and all, seen after ten minutes. */
export const USUAL_BAD: readonly Badness[] = [0.01, 0.05, 0.2, 1].map((p) => ({ p, latencyMin: 10 }));

const UNTIL_MIN = 10 * 24 * 60;

/**
 * Plays the rollout with the planner itself, run after run. Yields the share that is done after each, so that
 * whoever asks can show it, let others work, or stop; returns the forecast. Same input, same forecast.
 */
export function* forecast(input: ForecastInput): Generator<number, Forecast, void> {
  const { fleet, pace, runs } = input;
  const played = yield* play(input);
  const good = overRuns(played.good);
  const bad = input.bad.map(({ p, latencyMin }, n) => {
    const { broken, brokenHours } = overRuns(played.bad[n]!);
    return {
      p,
      latencyMin,
      brokenMean: broken.mean,
      brokenP95: broken.p95,
      bound: boundOf(input, { p, latencyMin }),
      brokenHours: brokenHours.mean,
    };
  });
  return {
    planes: fleet.size,
    burning: fleet.burning.reduce((sum, b) => sum + b, 0),
    budget: pace.harmBudget,
    runs,
    good: {
      ...(good.t50Min && { t50Min: good.t50Min.median }),
      ...(good.t95Min && { t95Min: good.t95Min.median }),
      ...(good.t100Min && { t100Min: good.t100Min.median }),
      falseHaltShare: good.haltedByRuleShare,
    },
    bad,
  };
}

type Played = { readonly good: Outcome[]; readonly bad: readonly Outcome[][] };

/** Seed by seed, the good fix and every bad one: rollouts of one seed stand on the same ground. */
function* play(input: ForecastInput): Generator<number, Played, void> {
  const { fleet, pace, runs, convergeWithinMin, goodRuns = runs } = input;
  const fixes = [
    { laws: input.laws, many: goodRuns, outcomes: [] as Outcome[] },
    ...input.bad.map((b) => ({
      laws: breaking(input.laws, b.p, b.latencyMin),
      many: runs,
      outcomes: [] as Outcome[],
    })),
  ];
  const total = fixes.reduce((sum, fix) => sum + fix.many, 0);
  let done = 0;
  for (let run = 0; done < total; run += 1) {
    const seed = input.seed + run;
    const ground = groundOf(fleet, pace, seed);
    for (const { laws, outcomes } of fixes.filter(({ many }) => run < many)) {
      const rule = evidencePaced({ fleet, pace, seed, convergeWithinMin, ground });
      outcomes.push(simulate({ fleet, laws, rule, seed, untilMin: UNTIL_MIN }));
      done += 1;
      yield done / total;
    }
  }
  const [good, ...bad] = fixes.map((fix) => fix.outcomes);
  return { good: good!, bad };
}

/** Spread of the logarithm of the time until a break shows, in the model. */
const SIGMA = 0.5;

/**
 * E[broken] ≤ k*(p) + max(H, one-box · p): the failures that the test needs to see, and those that may be out unseen
 * meanwhile, each with what it weighs. Where breaks show later than the pace's law says, credit is given too early
 * and nothing but the number of control planes bounds it.
 */
export function boundOf(
  { fleet, pace, laws, runs }: Pick<ForecastInput, 'fleet' | 'pace' | 'laws' | 'runs'>,
  { p, latencyMin }: Badness,
): number {
  const all = mostOf(fleet.size, p, runs);
  const truth = { medianMs: latencyMin * MINUTE, sigma: SIGMA };
  if (!isNoSlower(truth, pace.law)) return Math.ceil(all);
  const burning = fleet.burning.reduce((sum, b) => sum + b, 0);
  const unseen = Math.max(pace.harmBudget, oneBoxSize(pace, fieldOfModel(fleet)) * p);
  // One that burns already counts for less, so more of them may be out.
  const lighter = burning > 0 ? Math.min(burning * p, pace.harmBudget / pace.burningWeight) : 0;
  const background = (laws.noise.episodesPerHour * pace.windowMs) / (60 * MINUTE);
  const needed = failuresNeeded(p * shownBy(truth, pace.windowMs), background, pace);
  return Math.ceil(Math.min(all, needed + unseen + lighter));
}

/** All that break when everybody gets it, on average over so many runs: what is expected, and three of its standard errors. */
const mostOf = (planes: number, p: number, runs: number): number =>
  Math.min(planes, planes * p + 3 * Math.sqrt((planes * p * (1 - p)) / runs));

/** k*: how many failures the test needs on average before it halts (Wald); infinite where the noise hides them. */
export function failuresNeeded(
  visible: number,
  background: number,
  pace: Pick<Pace, 'alpha' | 'margin'>,
): number {
  if (background <= 0) return Math.log(1 / pace.alpha) + Math.log(RATIO_COUNT);
  const times = (1 + visible / background) / pace.margin;
  if (times <= 1) return Number.POSITIVE_INFINITY;
  const needed = Math.log(1 / pace.alpha) + Math.log(RATIO_COUNT) + Math.log(times);
  return needed / (Math.log(times) - 1 + 1 / times);
}

const RATIO_COUNT = 11;

/** Whether breaks show no later than a law says: at its middle and in its tail, within a twentieth. */
function isNoSlower(truth: Pace['law'], law: Pace['law']): boolean {
  const late = (it: Pace['law']) => it.medianMs * Math.exp(1.2816 * it.sigma);
  return truth.medianMs <= law.medianMs * 1.05 && late(truth) <= late(law) * 1.05;
}
