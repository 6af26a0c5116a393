import type { Choice, Chosen } from './choice.ts';

/**
 * The lines from oldest to newest when they are a chain: each may be served by its own commit and by every newer
 * one, by no older one, and a newer base never costs it less than an older. Undefined when they are not.
 */
export function chainOrder({ costs }: Choice): number[] | undefined {
  const served = costs.map((row) => row.filter(Number.isFinite).length);
  const order = [...served.keys()].sort((a, b) => served[a]! - served[b]!);
  const isChain = order.every((line, at) =>
    order.every((base, from) => {
      const cost = costs[base]![line]!;
      if (from < at) return cost === Number.POSITIVE_INFINITY;
      return from === at ? cost === 0 : cost >= costs[order[from - 1]!]![line]! && Number.isFinite(cost);
    }),
  );
  return isChain ? order : undefined;
}

/**
 * The best choice for each number of bases from 1 on, exactly: on a chain every line takes the next base that is
 * not older than itself, so the lines of one base lie side by side, and the best for the older ones is known.
 */
export function solveChain({ costs, weights }: Choice, order: readonly number[]): Chosen[] {
  const n = order.length;
  // spans[from][to]: what the lines from..to cost, all from the newest of them.
  const spans = order.map((_, from) =>
    order.map((base, to) => {
      let sum = 0;
      for (let at = from; at <= to; at += 1) sum += weights[order[at]!]! * costs[base]![order[at]!]!;
      return from <= to ? sum : 0;
    }),
  );
  let last = order.map((base, to) => ({ cost: spans[0]![to]!, bases: [base] }));
  const solved = [last[n - 1]!];
  for (let k = 2; k <= n; k += 1) {
    const before = last;
    last = order.map((base, to) => {
      let best = before[to]!;
      for (let from = 1; from <= to; from += 1) {
        const cost = before[from - 1]!.cost + spans[from]![to]!;
        if (cost < best.cost) best = { cost, bases: [...before[from - 1]!.bases, base] };
      }
      return best;
    });
    solved.push(last[n - 1]!);
  }
  return solved.map(({ cost, bases }) => ({
    cost,
    bound: cost,
    bases: [...bases].sort((a, b) => a - b),
  }));
}
