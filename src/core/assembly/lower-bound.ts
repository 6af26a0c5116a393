import type { Choice } from './choice.ts';

/**
 * Lower bounds of what at most `k` bases cost, by Lagrangian relaxation: the demand that each line is served once
 * is given a price, and for any prices u
 *
 *   sum of u − the k largest of r(b),  r(b) = sum over lines of max(0, u − cost of b for the line)
 *
 * is at most the cost of any k bases. Prices are whole multiples of a power of two, so that no rounding can make
 * a bound wrong. Good prices make it close; they are found by following the subgradient.
 */
export type Bounds = {
  /** What is known of a box, tightened; undefined when no choice in it serves every line. */
  tighten(box: Decided, at: { k: number; best: number; isRoot: boolean }): Tightened | undefined;
};

type Decided = {
  readonly open: readonly number[];
  readonly shut: ReadonlySet<number>;
  readonly bound: number;
};

type Tightened = {
  readonly open: readonly number[];
  readonly shut: ReadonlySet<number>;
  /** Undecided bases, the one that promises most first. */
  readonly free: readonly number[];
  readonly bound: number;
  /** The k bases that the prices favour: a choice worth a look. */
  readonly guess: readonly number[];
};

const ROOT_ROUNDS = 300;
const ROUNDS = 40;
/** Sums of prices stay exact below 2^53. */
const EXACT_BITS = 51;

export function openBounds({ costs, weights }: Choice): Bounds {
  const n = weights.length;
  const most = costs.map((_, line) =>
    costs.reduce((max, row) => (Number.isFinite(row[line]) ? Math.max(max, row[line]!) : max), 0),
  );
  const total = most.reduce((sum, cost, line) => sum + cost * weights[line]!, 1);
  const scale = 2 ** Math.max(0, Math.min(20, Math.floor(EXACT_BITS - Math.log2(total * n * 2))));
  const scaled = costs.map((row) =>
    row.map((cost, line) => (Number.isFinite(cost) ? cost * weights[line]! * scale : cost)),
  );
  const priceMax = total * scale;
  const own = weights
    .map((weight, line) => leastElsewhere(costs, line) * weight)
    .map((cost) => Math.min(cost || 0, total));
  // Kept from one box to the next: neighbours have much the same prices.
  let prices = most.map((cost, line) => Math.floor((cost * weights[line]! * scale) / 2));

  const savings = (u: readonly number[], shut: ReadonlySet<number>) =>
    scaled.map((row, base) => {
      if (shut.has(base)) return -1;
      let sum = 0;
      for (let line = 0; line < n; line += 1) {
        const gain = u[line]! - row[line]!;
        if (gain > 0) sum += gain;
      }
      return sum;
    });

  return {
    tighten(box, { k, best, isRoot }) {
      const decided = forced(costs, box, k);
      if (decided === undefined) return undefined;
      const { open, shut } = decided;
      const free = weights.flatMap((_, base) => (shut.has(base) || open.includes(base) ? [] : [base]));
      const rounds = isRoot ? ROOT_ROUNDS : ROUNDS;
      let top = { bound: Number.NEGATIVE_INFINITY, prices, saved: [] as number[], order: free };
      let u = prices;
      let step = 1.5;
      let idle = 0;
      for (let round = 0; round < rounds; round += 1) {
        const saved = savings(u, shut);
        const order = [...free].sort((a, b) => saved[b]! - saved[a]! || a - b);
        const taken = [...open, ...order.slice(0, k - open.length)];
        const bound = taken.reduce(
          (sum, base) => sum - saved[base]!,
          u.reduce((sum, price) => sum + price, 0),
        );
        idle = bound > top.bound ? 0 : idle + 1;
        if (bound > top.bound) top = { bound, prices: u, saved, order };
        // Costs are whole numbers, so a bound may be rounded up.
        if (Math.ceil(top.bound / scale) >= best) break;
        if (idle === 12) {
          step /= 2;
          idle = 0;
        }
        const slope = scaled[0]!.map(
          (_, line) => 1 - taken.filter((base) => u[line]! > scaled[base]![line]!).length,
        );
        const length = slope.reduce((sum, s) => sum + s * s, 0);
        if (length === 0 || step < 0.002) break;
        const stride = (step * Math.max(scale, best * scale * 1.01 - bound)) / length;
        u = u.map((price, line) =>
          Math.min(priceMax, Math.max(0, Math.round(price + stride * slope[line]!))),
        );
      }
      prices = top.prices;
      const fixed = fix(top, { open, k, roof: (best - 1) * scale });
      return {
        open: [...open, ...fixed.open],
        shut: new Set([...shut, ...fixed.shut]),
        free: top.order.filter((base) => !fixed.open.includes(base) && !fixed.shut.includes(base)),
        bound: Math.max(box.bound, Math.ceil(top.bound / scale), withoutOwn(own, k)),
        guess: [...open, ...top.order.slice(0, k - open.length)],
      };
    },
  };
}

function leastElsewhere(costs: Choice['costs'], line: number): number {
  return Math.min(...costs.map((row, base) => (base === line ? Number.POSITIVE_INFINITY : row[line]!)));
}

/** With k bases all lines but k are served by another's commit, which costs each of them something: simple, and true. */
const withoutOwn = (own: readonly number[], k: number): number =>
  [...own]
    .sort((a, b) => a - b)
    .slice(0, Math.max(0, own.length - k))
    .reduce((sum, cost) => sum + cost, 0);

/** Takes every base that is the last one left for a line; undefined when a line has none, or they are too many. */
function forced(costs: Choice['costs'], box: Decided, k: number): Omit<Decided, 'bound'> | undefined {
  const open = new Set(box.open);
  for (const line of costs.keys()) {
    const servers = costs.flatMap((row, base) =>
      Number.isFinite(row[line]) && !box.shut.has(base) ? [base] : [],
    );
    if (servers.length === 0) return undefined;
    if (servers.length === 1) open.add(servers[0]!);
  }
  return open.size > k ? undefined : { open: [...open], shut: box.shut };
}

/**
 * Decides bases by what deciding them the other way would do to the bound: past `roof` nothing better than the
 * best known is left there.
 */
function fix(
  top: { readonly bound: number; readonly saved: readonly number[]; readonly order: readonly number[] },
  at: { readonly open: readonly number[]; readonly k: number; readonly roof: number },
): { open: number[]; shut: number[] } {
  const room = at.k - at.open.length;
  const [last, next] = [top.order[room - 1], top.order[room]];
  if (room <= 0 || last === undefined || next === undefined) return { open: [], shut: [] };
  return {
    open: top.order
      .slice(0, room)
      .filter((base) => top.bound + top.saved[base]! - top.saved[next]! > at.roof),
    shut: top.order.slice(room).filter((base) => top.bound + top.saved[last]! - top.saved[base]! > at.roof),
  };
}
