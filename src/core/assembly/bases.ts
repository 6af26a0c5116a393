import type { Commit } from '../base/ids.ts';
import { chainOrder, solveChain } from './chain.ts';
import { type Choice, type Chosen, serverOf } from './choice.ts';
import { smallestCover } from './cover.ts';
import { solveMedian } from './median.ts';

/** A commit that is deployed, and how many control planes run it. */
export type Deployed = { readonly commit: Commit; readonly planes: number };

/** The trade between builds and passengers, and the choice for a budget. */
export type Bases = {
  /** The fewest builds that serve every line, and whether fewer were proven impossible. */
  readonly needed: { readonly builds: number; readonly exact: boolean };
  /** Lines of which no two can be served from one base: the reason why fewer builds do not do. */
  readonly apart: readonly Commit[];
  /** One row for each budget from `needed.builds` to one build a line. */
  readonly table: readonly Trade[];
  /** The choice for the budget; undefined when the budget is smaller than `needed.builds`. */
  readonly chosen?: Trade & { readonly bases: readonly Base[] };
};

export type Base = { readonly base: Commit; readonly serves: readonly Commit[] };

/** What at most `k` builds cost. A passenger counts once for each control plane that gets it. */
export type Trade = {
  readonly k: number;
  /** Builds used: fewer than `k` when more would save nothing. */
  readonly builds: number;
  readonly total: number;
  readonly perPlaneMean: number;
  /** The most any control plane gets. */
  readonly perPlaneMax: number;
  /** No choice of `k` builds has a smaller total. */
  readonly exact: boolean;
  /**
   * The total is at most this many times the smallest there is, proven; 1 when it is exact. Null when nothing
   * better than 0 was proven of the smallest.
   */
  readonly within: number | null;
};

/**
 * Chooses at most `budget` of the deployed commits to build a fix on, so that each line is served by one of them
 * and the sum over control planes of passengers is as small as can be.
 *
 * `costs[b][d]`: passengers for line d on base b (places in `deployed`), Infinity when it would lose commits.
 * The answer does not depend on the order of `deployed`. Exact for lines whose histories are chains, for up to 16
 * lines of any shape that can share bases, and mostly beyond; `exact` and `within` say what was proven.
 */
export function chooseBases(input: {
  readonly deployed: readonly Deployed[];
  readonly costs: readonly (readonly number[])[];
  readonly budget: number;
}): Bases {
  const order = [...input.deployed.keys()].sort((a, b) =>
    input.deployed[a]!.commit < input.deployed[b]!.commit ? -1 : 1,
  );
  const deployed = order.map((i) => input.deployed[i]!);
  const choice: Choice = {
    costs: order.map((base) => order.map((line) => input.costs[base]![line]!)),
    weights: deployed.map(({ planes }) => planes),
  };
  const solved = groupsOf(choice.costs).map((group) => solveGroup(choice, group));
  const builds = solved.reduce((sum, { options }) => sum + options[0]!.bases.length, 0);
  const plans = combine(solved, deployed.length);
  const trades = plans.slice(builds).map((plan, i) => tradeOf(choice, plan, builds + i));
  const at = Math.min(input.budget, deployed.length) - builds;
  return {
    needed: { builds, exact: solved.every(({ isSmallest }) => isSmallest) },
    apart: solved.flatMap(({ apart }) => apart.map((line) => deployed[line]!.commit)),
    table: trades,
    ...(at < 0
      ? {}
      : { chosen: { ...trades[at]!, bases: basesOf(choice, plans[builds + at]!.bases, deployed) } }),
  };
}

/** Lines that share possible bases, directly or by way of others. Groups do not touch each other. */
function groupsOf(costs: Choice['costs']): number[][] {
  const group = [...costs.keys()];
  const find = (line: number): number => (group[line] === line ? line : find(group[line]!));
  for (const [base, row] of costs.entries())
    for (const [line, cost] of row.entries())
      if (Number.isFinite(cost)) {
        const [a, b] = [find(base), find(line)];
        group[Math.max(a, b)] = Math.min(a, b);
      }
  const members = new Map<number, number[]>();
  for (const line of costs.keys()) members.set(find(line), [...(members.get(find(line)) ?? []), line]);
  return [...members.values()];
}

type Solved = {
  /** One for each number of bases from the smallest possible; the last costs nothing. */
  readonly options: readonly Chosen[];
  readonly apart: readonly number[];
  readonly isSmallest: boolean;
};

function solveGroup(whole: Choice, group: readonly number[]): Solved {
  const kinds = kindsOf(whole, group);
  const names = kinds.map((kind) => nameOf(whole, kind));
  const choice: Choice = {
    costs: names.map((base) => names.map((line) => whole.costs[base]![line]!)),
    weights: kinds.map((kind) => kind.reduce((sum, line) => sum + whole.weights[line]!, 0)),
  };
  const named = (options: readonly Chosen[]) =>
    options.map((one) => ({ ...one, bases: one.bases.map((base) => names[base]!) }));
  const order = chainOrder(choice);
  if (order)
    return { options: named(solveChain(choice, order)), apart: [names[order.at(-1)!]!], isSmallest: true };
  const cover = smallestCover(
    names.map((_, line) => choice.costs.flatMap((row, base) => (Number.isFinite(row[line]) ? [base] : []))),
  );
  return {
    options: named(solveMedian(choice, cover.bases)),
    apart: cover.apart.map((line) => names[line]!),
    isSmallest: cover.isSmallest,
  };
}

/** Lines with the same costs in both roles are one: the component does not differ between them. */
function kindsOf({ costs }: Choice, group: readonly number[]): number[][] {
  const kinds = new Map<string, number[]>();
  for (const line of group) {
    const key = `${group.map((other) => costs[line]![other]).join()}|${group.map((other) => costs[other]![line]).join()}`;
    kinds.set(key, [...(kinds.get(key) ?? []), line]);
  }
  return [...kinds.values()];
}

/** Of lines that are one, the commit most control planes run is built on. */
const nameOf = ({ weights }: Choice, kind: readonly number[]): number =>
  kind.reduce((most, line) => (weights[line]! > weights[most]! ? line : most));

type Plan = { readonly bases: readonly number[]; readonly total: number; readonly bound: number };

const NOTHING: Plan = { bases: [], total: 0, bound: 0 };
const NO_PLAN: Plan = { bases: [], total: Number.POSITIVE_INFINITY, bound: Number.POSITIVE_INFINITY };

/** The best plan for each number of builds from 0 to `most`: groups one after the other, each with its share. */
function combine(groups: readonly Solved[], most: number): Plan[] {
  let plans: Plan[] = Array.from({ length: most + 1 }, (_, k) =>
    k === 0 ? NOTHING : { ...NOTHING, bases: [] },
  );
  for (const group of groups) {
    const shares = sharesOf(group);
    plans = withoutWaste(plans.map((_, k) => best(plans, shares, k)));
  }
  return plans;
}

function best(plans: readonly Plan[], shares: readonly Plan[], k: number): Plan {
  let best = NO_PLAN;
  for (const [share, option] of shares.slice(0, k + 1).entries()) {
    const rest = plans[k - share]!;
    const total = rest.total + option.total;
    best = {
      bases: total < best.total ? [...rest.bases, ...option.bases] : best.bases,
      total: Math.min(total, best.total),
      bound: Math.min(rest.bound + option.bound, best.bound),
    };
  }
  return best;
}

/** More builds that save nothing are not used. */
function withoutWaste(plans: readonly Plan[]): Plan[] {
  const all: Plan[] = [];
  for (const plan of plans) {
    const fewer = all.at(-1);
    all.push(fewer && fewer.total <= plan.total ? { ...plan, total: fewer.total, bases: fewer.bases } : plan);
  }
  return all;
}

/** By the number of builds from 0: what the group costs with so many, at best and at least. */
function sharesOf({ options, apart, isSmallest }: Solved): Plan[] {
  const first = options[0]!.bases.length;
  const fewer = Array.from({ length: first }, (_, k) =>
    // With fewer bases it cannot cost less; and with fewer than `apart` it cannot be done at all.
    isSmallest || k < apart.length ? NO_PLAN : { ...NO_PLAN, bound: options[0]!.bound },
  );
  return [...fewer, ...options.map(({ bases, cost, bound }) => ({ bases, total: cost, bound }))];
}

const WITHIN_STEPS = 10_000;

function tradeOf(choice: Choice, { bases, total, bound }: Plan, k: number): Trade {
  const planes = choice.weights.reduce((sum, weight) => sum + weight, 0);
  const each = choice.weights.map((weight, line) =>
    weight === 0 ? 0 : choice.costs[serverOf(choice, bases, line)]![line]!,
  );
  const exact = total <= bound;
  // Rounded up, so that it stays true.
  const factor = bound > 0 ? Math.ceil((total / bound) * WITHIN_STEPS) / WITHIN_STEPS : null;
  return {
    k,
    builds: bases.length,
    total,
    perPlaneMean: planes === 0 ? 0 : total / planes,
    perPlaneMax: Math.max(0, ...each),
    exact,
    within: exact ? 1 : factor,
  };
}

function basesOf(choice: Choice, bases: readonly number[], deployed: readonly Deployed[]): Base[] {
  const served = new Map<number, number[]>(bases.map((base) => [base, []]));
  for (const line of deployed.keys()) {
    const base = served.has(line) ? line : serverOf(choice, bases, line);
    served.get(base)!.push(line);
  }
  const planesOf = (lines: readonly number[]) => lines.reduce((sum, line) => sum + deployed[line]!.planes, 0);
  return [...served]
    .sort(([a, ofA], [b, ofB]) => planesOf(ofB) - planesOf(ofA) || a - b)
    .map(([base, lines]) => ({
      base: deployed[base]!.commit,
      serves: lines
        .sort((a, b) => deployed[b]!.planes - deployed[a]!.planes || a - b)
        .map((line) => deployed[line]!.commit),
    }));
}
