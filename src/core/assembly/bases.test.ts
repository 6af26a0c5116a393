// Goal: the choice of bases is the best there is, or is as near to it as it says. Method: every set of bases is
// tried on small cases of any shape, and on larger ones the search is stopped early to see what it claims then.
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { chooseBases, type Deployed } from './bases.ts';
import { chainOrder, solveChain } from './chain.ts';
import { type Choice, costOf } from './choice.ts';
import { smallestCover } from './cover.ts';
import { solveMedian } from './median.ts';

const NO = Number.POSITIVE_INFINITY;

/** The best total for each number of bases from 1, by trying all sets; Infinity where none serves all. */
function byHand(choice: Choice): number[] {
  const n = choice.weights.length;
  const best = new Array<number>(n).fill(NO);
  for (let set = 1; set < 1 << n; set += 1) {
    const bases = [...choice.weights.keys()].filter((base) => set & (1 << base));
    const cost = costOf(choice, bases);
    for (let k = bases.length; k <= n; k += 1) best[k - 1] = Math.min(best[k - 1]!, cost);
  }
  return best;
}

/** Any costs at all, with 0 for a line's own commit. */
const anyChoice = (max: number, cost: fc.Arbitrary<number> = fc.integer({ min: 0, max: 12 })) =>
  fc.integer({ min: 1, max }).chain((n) =>
    fc.record({
      costs: fc
        .array(fc.array(fc.oneof(cost, fc.constant(NO)), { minLength: n, maxLength: n }), {
          minLength: n,
          maxLength: n,
        })
        .map((rows) => rows.map((row, base) => row.map((one, line) => (base === line ? 0 : one)))),
      weights: fc.array(fc.integer({ min: 0, max: 40 }), { minLength: n, maxLength: n }),
    }),
  );

const named = ({ weights }: Choice): Deployed[] =>
  weights.map((planes, line) => ({ commit: `${line}`.padStart(40, '0'), planes }));

const choose = (choice: Choice, budget: number, deployed = named(choice)) =>
  chooseBases({ deployed, costs: choice.costs, budget });

describe('bases for a budget', () => {
  test('are the best of all, for any costs of few lines', () => {
    fc.assert(
      fc.property(anyChoice(7), (choice) => {
        const all = byHand(choice);
        const answer = choose(choice, choice.weights.length);
        const needed = all.findIndex(Number.isFinite) + 1;
        expect(answer.needed).toEqual({ builds: needed, exact: true });
        expect(answer.table.map(({ k, total }) => [k, total])).toEqual(
          all.slice(needed - 1).map((total, i) => [needed + i, total]),
        );
        expect(answer.table.every(({ exact, within }) => exact && within === 1)).toBe(true);
      }),
      { numRuns: 400 },
    );
  });

  test('serve every line once, from a base that may, at the total they name', () => {
    fc.assert(
      fc.property(anyChoice(9), fc.integer({ min: 1, max: 9 }), (choice, budget) => {
        const deployed = named(choice);
        const { chosen, needed, apart } = choose(choice, budget);
        expect(chosen === undefined).toBe(budget < needed.builds);
        if (chosen === undefined) {
          expect(apart.length).toBeGreaterThan(0);
          return;
        }
        const at = (commit: string) => deployed.findIndex((one) => one.commit === commit);
        expect(chosen.bases.length).toBe(chosen.builds);
        expect(chosen.builds).toBeLessThanOrEqual(budget);
        const served = chosen.bases.flatMap(({ base, serves }) =>
          serves.map((line) => [at(base), at(line)] as const),
        );
        expect(served.map(([, line]) => line).sort((a, b) => a - b)).toEqual([...deployed.keys()]);
        const total = served.reduce(
          (sum, [base, line]) =>
            sum + (choice.weights[line]! === 0 ? 0 : choice.weights[line]! * choice.costs[base]![line]!),
          0,
        );
        expect(total).toBe(chosen.total);
        expect(served.every(([base, line]) => Number.isFinite(choice.costs[base]![line]))).toBe(true);
      }),
      { numRuns: 300 },
    );
  });

  test('do not depend on the order in which lines are given', () => {
    const shuffled = anyChoice(7, fc.integer({ min: 0, max: 3 })).chain((choice) =>
      fc.record({
        choice: fc.constant(choice),
        order: fc.shuffledSubarray([...choice.weights.keys()], {
          minLength: choice.weights.length,
          maxLength: choice.weights.length,
        }),
        budget: fc.integer({ min: 1, max: 7 }),
      }),
    );
    fc.assert(
      fc.property(shuffled, ({ choice, order, budget }) => {
        const deployed = named(choice);
        const moved = {
          costs: order.map((base) => order.map((line) => choice.costs[base]![line]!)),
          weights: order.map((line) => choice.weights[line]!),
        };
        const answer = choose(
          moved,
          budget,
          order.map((line) => deployed[line]!),
        );
        expect(answer).toEqual(choose(choice, budget));
      }),
      { numRuns: 200 },
    );
  });

  test('of lines that cannot share are no fewer than one a line, and those lines are named', () => {
    const apart = {
      costs: [
        [0, NO, NO],
        [NO, 0, 4],
        [NO, NO, 0],
      ],
      weights: [1, 2, 3],
    };
    const answer = choose(apart, 1);
    expect(answer.needed).toEqual({ builds: 2, exact: true });
    expect(answer.chosen).toBeUndefined();
    expect(answer.apart).toEqual([named(apart)[0]!.commit, named(apart)[1]!.commit]);
    // With two builds the third line is served from the second: three control planes get four passengers.
    expect(answer.table.map(({ k, builds, total }) => [k, builds, total])).toEqual([
      [2, 2, 12],
      [3, 3, 0],
    ]);
  });

  test('leave builds unused that would save nothing', () => {
    // Three z-streams in which the component is the same, and one in which it is not.
    const same = {
      costs: [
        [0, 0, 0, NO],
        [0, 0, 0, NO],
        [0, 0, 0, NO],
        [5, 5, 5, 0],
      ],
      weights: [1, 9, 2, 3],
    };
    const { table, chosen } = choose(same, 4);
    expect(table.map(({ builds, total }) => [builds, total])).toEqual([
      [1, 60],
      [2, 0],
      [2, 0],
      [2, 0],
    ]);
    expect(chosen!.bases.map(({ base }) => Number(base))).toEqual([1, 3]);
  });

  test('serve a line that no control plane runs, at no cost', () => {
    const idle = {
      costs: [
        [0, NO],
        [7, 0],
      ],
      weights: [0, 5],
    };
    expect(choose(idle, 1).chosen).toMatchObject({ total: 0, perPlaneMax: 0, perPlaneMean: 0, exact: true });
  });
});

describe('lines of one chain', () => {
  const chain = fc.integer({ min: 1, max: 8 }).chain((n) =>
    fc.record({
      gaps: fc.array(fc.integer({ min: 1, max: 9 }), { minLength: n, maxLength: n }),
      weights: fc.array(fc.integer({ min: 0, max: 9 }), { minLength: n, maxLength: n }),
    }),
  );
  const choiceOf = ({ gaps, weights }: { gaps: number[]; weights: number[] }): Choice => ({
    weights,
    costs: gaps.map((_, base) =>
      gaps.map((_, line) => (line > base ? NO : gaps.slice(line, base).reduce((a, b) => a + b, 0))),
    ),
  });

  test('are solved exactly, for every number of bases', () => {
    fc.assert(
      fc.property(chain, (input) => {
        const choice = choiceOf(input);
        expect(solveChain(choice, chainOrder(choice)!).map(({ cost }) => cost)).toEqual(byHand(choice));
      }),
    );
  });

  test('are told from lines that are none', () => {
    expect(
      chainOrder({
        costs: [
          [0, 2],
          [NO, 0],
        ],
        weights: [1, 1],
      }),
    ).toEqual([1, 0]);
    expect(
      chainOrder({
        costs: [
          [0, 2],
          [2, 0],
        ],
        weights: [1, 1],
      }),
    ).toBeUndefined();
    // A newer base with fewer passengers: the next base is not the best one.
    expect(
      chainOrder({
        costs: [
          [0, NO, NO],
          [5, 0, NO],
          [3, 1, 0],
        ],
        weights: [1, 1, 1],
      }),
    ).toBeUndefined();
  });
});

describe('the search for lines of any shape', () => {
  test('says a factor that holds, however early it is stopped', () => {
    fc.assert(
      fc.property(
        anyChoice(9, fc.integer({ min: 0, max: 30 })),
        fc.integer({ min: 0, max: 3 }),
        (choice, boxes) => {
          const all = byHand(choice);
          const servers = choice.weights.map((_, line) =>
            choice.costs.flatMap((row, base) => (Number.isFinite(row[line]) ? [base] : [])),
          );
          const first = smallestCover(servers).bases;
          for (const [i, { cost, bound }] of solveMedian(choice, first, boxes).entries()) {
            const best = all[first.length + i - 1]!;
            expect(bound).toBeLessThanOrEqual(best);
            expect(cost).toBeGreaterThanOrEqual(best);
          }
        },
      ),
      { numRuns: 300 },
    );
  });

  test('finds the fewest bases, and lines that prove it where they do', () => {
    fc.assert(
      fc.property(anyChoice(9, fc.constant(1)), (choice) => {
        const servers = choice.weights.map((_, line) =>
          choice.costs.flatMap((row, base) => (Number.isFinite(row[line]) ? [base] : [])),
        );
        const { bases, apart, isSmallest } = smallestCover(servers);
        const needed =
          byHand({ ...choice, weights: choice.weights.map(() => 1) }).findIndex(Number.isFinite) + 1;
        expect([bases.length, isSmallest]).toEqual([needed, true]);
        expect(apart.length).toBeLessThanOrEqual(needed);
        for (const a of apart)
          for (const b of apart)
            if (a < b) expect(servers[a]!.filter((base) => servers[b]!.includes(base))).toEqual([]);
      }),
      { numRuns: 200 },
    );
  });

  test('says so when the search for the fewest was stopped, and still serves every line', () => {
    // Three lines, each pair with a base in common and no base for all: one line alone proves nothing.
    const servers = [[0, 3, 5], [1, 3, 4], [2, 4, 5], [3], [4], [5]];
    expect(smallestCover(servers).bases).toEqual([3, 4, 5]);
    const knot = [
      [0, 1],
      [1, 2],
      [2, 0],
    ];
    expect(smallestCover(knot)).toMatchObject({ isSmallest: true, bases: { length: 2 } });
    const stopped = smallestCover(knot, 0);
    expect(stopped.isSmallest).toBe(false);
    expect(knot.every((bases) => bases.some((base) => stopped.bases.includes(base)))).toBe(true);
  });
});
