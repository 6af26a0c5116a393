/** By line, the bases that may serve it. */
export type Servers = readonly (readonly number[])[];

export type Cover = {
  /** Bases that serve every line, ascending. */
  readonly bases: readonly number[];
  /** Lines of which no two have a base in common, ascending: with fewer bases than these it cannot be done. */
  readonly apart: readonly number[];
  /** No smaller set of bases does it. */
  readonly isSmallest: boolean;
};

/** Past this many steps the search ends with the best it has. Lines whose histories nest need a few steps. */
const STEPS_MAX = 100_000;

/** A smallest set of bases that serves all lines, by branch and bound. Every line has a base: its own commit. */
export function smallestCover(servers: Servers, stepsMax: number = STEPS_MAX): Cover {
  const lines = servers.map((_, line) => line);
  const apart = linesApart(servers, lines);
  let best = greedy(servers, lines);
  let steps = 0;
  const search = (chosen: readonly number[], left: readonly number[]): void => {
    if (left.length === 0) {
      if (chosen.length < best.length) best = chosen;
      return;
    }
    steps += 1;
    if (best.length === apart.length || steps > stepsMax) return;
    if (chosen.length + linesApart(servers, left).length >= best.length) return;
    const line = left.reduce((few, one) => (servers[one]!.length < servers[few]!.length ? one : few));
    for (const base of servers[line]!)
      search(
        [...chosen, base],
        left.filter((one) => !servers[one]!.includes(base)),
      );
  };
  search([], lines);
  const isSmallest = steps <= stepsMax;
  return { bases: [...best].sort((a, b) => a - b), apart, isSmallest };
}

/** Takes lines with few bases first, so that many fit beside each other. */
function linesApart(servers: Servers, lines: readonly number[]): number[] {
  const used = new Set<number>();
  const byChoice = [...lines].sort((a, b) => servers[a]!.length - servers[b]!.length || a - b);
  const taken = byChoice.filter((line) => {
    if (servers[line]!.some((base) => used.has(base))) return false;
    for (const base of servers[line]!) used.add(base);
    return true;
  });
  return taken.sort((a, b) => a - b);
}

/** Always the base that serves most of what is left. */
function greedy(servers: Servers, lines: readonly number[]): readonly number[] {
  const chosen: number[] = [];
  for (let left = lines; left.length > 0; ) {
    const counts = new Map<number, number>();
    for (const line of left) for (const base of servers[line]!) counts.set(base, (counts.get(base) ?? 0) + 1);
    const [base] = [...counts].reduce((most, one) =>
      one[1] > most[1] || (one[1] === most[1] && one[0] < most[0]) ? one : most,
    );
    chosen.push(base);
    left = left.filter((line) => !servers[line]!.includes(base));
  }
  return chosen;
}
