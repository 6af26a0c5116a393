import { PROFILES } from './pace.ts';

/** What waiting and hurrying cost, in control-plane hours. */
export type Stakes = {
  readonly targets: number;
  /** Control planes the incident has broken by now. */
  readonly burning: number;
  /** New ones an hour and target. */
  readonly hazardPerHour: number;
  /** How bad one that burns is, against one that the fix breaks. */
  readonly severity: number;
  /** The probability that the fix is bad. */
  readonly badShare: number;
  readonly burningWeight: number;
};

/** The budget the incident asks for, with what it was computed from; budgets are chosen beside it, never silently. */
export type Urgency = {
  readonly burning: number;
  readonly hazardPerHour: number;
  readonly computedBudget: number;
  readonly because: string;
};

/** Budgets that are weighed against each other. */
const BUDGETS = [12, 25, 50, 100, 200, 400, 800, 2_000];

/** Of fixes the share that turned out bad, until enough of them are known. */
export const BAD_SHARE = 0.05;
/** What one control plane that the fix breaks costs: itself, and the time until it is back. */
const COST_PER_BROKEN = 1;

/**
 * The total harm to be expected of a budget, in control-plane hours: what burns until the fix arrives, what
 * catches fire meanwhile, and what a bad fix breaks. The constants are fits to simulated fleets, good to ±20 %.
 */
export function expectedHarm(stakes: Stakes, budget: number): number {
  const { targets, burning, burningWeight: w } = stakes;
  const burns = burning * stakes.severity * (0.11 + 0.58 * growths((burning * w) / budget, budget / (7 * w)));
  const ignites =
    stakes.hazardPerHour * stakes.severity * targets * (0.63 + 0.75 * growths(targets / budget, budget / 10));
  const breaks =
    stakes.badShare * COST_PER_BROKEN * (20 + 0.2 * budget + 0.25 * Math.min(burning, budget / w));
  return burns + ignites + breaks;
}

/** How many times evidence must grow the rollout until it is through. */
const growths = (times: number, perStep: number): number =>
  Math.max(0, Math.log(times)) / Math.log1p(perStep);

/** The budget with the least expected harm; the smaller of equals. */
export function urgencyOf(stakes: Stakes): Urgency {
  const [first, ...rest] = BUDGETS;
  const computedBudget = rest.reduce(
    (best, budget) => (expectedHarm(stakes, budget) < expectedHarm(stakes, best) ? budget : best),
    first!,
  );
  const { burning, hazardPerHour } = stakes;
  return { burning, hazardPerHour, computedBudget, because: reasonOf(stakes) };
}

function reasonOf({ burning, targets, hazardPerHour }: Stakes): string {
  if (burning === 0 && hazardPerHour === 0) return `none of ${targets} show the symptom`;
  const hourly = Math.round(hazardPerHour * targets);
  return `${burning} of ${targets} show the symptom now, about ${hourly} more every hour`;
}

/** The profile a budget is called by, when it is one. */
export const profileOf = (budget: number): string | undefined =>
  Object.entries(PROFILES).find(([, value]) => value === budget)?.[0];

/** Approvers that a budget asks for beyond the policy's: one for every doubling, begun or whole, of what the incident asks for. */
export const moreApprovers = (budget: number, computedBudget: number): number =>
  budget > computedBudget ? Math.ceil(Math.log2(budget / computedBudget)) : 0;
