import { HOUR, MINUTE, type Ms } from '../base/instant.ts';
import { limitOf } from '../base/limit.ts';
import type { HealthRule } from '../health/judge.ts';
import { type LatencyLaw, SLOW } from './latency-law.ts';

/** How fast a rollout may go: one number for the harm, the rest as the evidence needs it. */
export type Pace = HealthRule & {
  /** H: so many control planes may be expected to break, at any moment, of those whose outcome is not known yet. */
  readonly harmBudget: number;
  /** Healthy control planes before any other; the rest waits for half their credit. */
  readonly oneBox: number;
  readonly law: LatencyLaw;
  /** The probability that the bound on the failure rate is ever wrong. */
  readonly delta: number;
  /** How much of the evidence of the others counts for one guard set. */
  readonly kappa: number;
  /** What breaking a control plane counts for that the incident has already broken. */
  readonly burningWeight: number;
  readonly inFlightPerManagementCluster: number;
  /** Credit begins only at this age: a floor people may set. */
  readonly minSoakMs: Ms;
  /** At most so many starts in any hour; absent: no such limit. */
  readonly maxPerHour?: number;
};

/** Harm budgets by name. */
export const PROFILES = { routine: 12, standard: 25, urgent: 100, emergency: 400 } as const;
export type Profile = keyof typeof PROFILES;

export const USUAL: Omit<Pace, 'harmBudget'> = {
  oneBox: 12,
  law: SLOW,
  windowMs: 45 * MINUTE,
  margin: 2,
  alpha: 0.01,
  delta: 0.05,
  kappa: 0.1,
  burningWeight: 0.25,
  inFlightPerManagementCluster: 6,
  minSoakMs: 0,
};

/** The smallest budget there is: one control plane. */
const BUDGET_MIN = 1;

/**
 * A pace with nothing in it that would widen by being absent, zero, endless or unreadable: budgets and caps
 * become the smallest there are, and what makes evidence (law, window, one-box, errors) the usual.
 */
export function paceOf(given: Partial<Pace>): Pace {
  const law = given.law;
  const isLawful = isPositive(law?.medianMs) && isPositive(law?.sigma);
  return {
    harmBudget: isPositive(given.harmBudget) ? Math.max(BUDGET_MIN, given.harmBudget) : BUDGET_MIN,
    oneBox: limitOf(given.oneBox, 1) === given.oneBox ? given.oneBox : USUAL.oneBox,
    law: law && isLawful ? law : USUAL.law,
    windowMs: isPositive(given.windowMs) ? given.windowMs : USUAL.windowMs,
    margin: isWithin(given.margin, 1, 4) ? given.margin : USUAL.margin,
    alpha: isWithin(given.alpha, 0, 0.5) ? given.alpha : USUAL.alpha,
    delta: isWithin(given.delta, 0, 0.5) ? given.delta : USUAL.delta,
    kappa: isWithin(given.kappa, 0, 1) ? given.kappa : USUAL.kappa,
    burningWeight: isWithin(given.burningWeight, 0, 1) ? given.burningWeight : 1,
    inFlightPerManagementCluster: limitOf(given.inFlightPerManagementCluster, 1),
    minSoakMs: Number.isFinite(given.minSoakMs) ? Math.max(0, given.minSoakMs!) : HOUR,
    ...('maxPerHour' in given &&
      given.maxPerHour !== undefined && { maxPerHour: limitOf(given.maxPerHour, 1) }),
  };
}

const isPositive = (value: number | undefined): value is number => Number.isFinite(value) && value! > 0;

/** More than `over`, and at most `most`. */
const isWithin = (value: number | undefined, over: number, most: number): value is number =>
  Number.isFinite(value) && value! > over && value! <= most;

/** No guard set has less than this, unless the whole has. */
export const SET_BUDGET_MIN = 6;

/** The harm budget of one guard set: the whole's by the root of its share, at least 6, never more than the whole's. */
export const setBudget = (harmBudget: number, share: number): number =>
  Math.min(harmBudget, Math.max(SET_BUDGET_MIN, harmBudget * Math.sqrt(share)));
