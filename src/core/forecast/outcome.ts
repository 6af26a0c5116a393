/** What came of one run. Minutes are from the beginning of the rollout; hours are of control planes. */
export type Outcome = {
  /** When half, 95 % and all of the fleet had come to run the fix; absent: never. */
  readonly t50Min?: number;
  readonly t95Min?: number;
  readonly t100Min?: number;
  /** By the rule itself, or by people who saw too many broken. */
  readonly haltedBy?: 'rule' | 'people';
  readonly haltedAtMin?: number;
  /** Told to take the fix. */
  readonly started: number;
  /** Really broken by the fix, whether or not it was seen before they went back; and those of them that were burning. */
  readonly broken: number;
  readonly brokenBurning: number;
  /** From running the fix until back, or until the end of the time given. */
  readonly brokenHours: number;
  /** From minute 0 until recovered, or until the end of the time given. */
  readonly burnHours: number;
};

/** One number over many runs. `p95`: 95 % of the runs have at most this. */
export type Spread = { readonly mean: number; readonly median: number; readonly p95: number };

/** What came of many runs. Times are of those runs that got there. */
export type Outcomes = {
  readonly runs: number;
  readonly t50Min?: Spread;
  readonly t95Min?: Spread;
  readonly t100Min?: Spread;
  readonly haltedByRuleShare: number;
  readonly haltedByPeopleShare: number;
  readonly broken: Spread;
  readonly brokenBurning: Spread;
  readonly brokenHours: Spread;
  /** Of the runs that were not halted: a halted rollout burns until somebody does something else. */
  readonly burnHours?: Spread;
};

/** Throws RangeError when there is no outcome. */
export function overRuns(outcomes: readonly Outcome[]): Outcomes {
  const runs = outcomes.length;
  const shareOf = (by: Outcome['haltedBy']) => outcomes.filter((o) => o.haltedBy === by).length / runs;
  const times = (['t50Min', 't95Min', 't100Min'] as const).map((name) => {
    const reached = outcomes.map((o) => o[name]).filter((at) => at !== undefined);
    return [name, reached] as const;
  });
  const burned = outcomes.filter((o) => o.haltedBy === undefined).map((o) => o.burnHours);
  return {
    runs,
    ...Object.fromEntries(times.flatMap(([name, at]) => (at.length > 0 ? [[name, spreadOf(at)]] : []))),
    haltedByRuleShare: shareOf('rule'),
    haltedByPeopleShare: shareOf('people'),
    broken: spreadOf(outcomes.map((o) => o.broken)),
    brokenBurning: spreadOf(outcomes.map((o) => o.brokenBurning)),
    brokenHours: spreadOf(outcomes.map((o) => o.brokenHours)),
    ...(burned.length > 0 && { burnHours: spreadOf(burned) }),
  };
}

/** Throws RangeError when there is no number. */
export function spreadOf(values: readonly number[]): Spread {
  if (values.length === 0) throw new RangeError('spread of no values, expected one or more');
  const sorted = [...values].sort((a, b) => a - b);
  const at = (share: number) => sorted[Math.max(0, Math.ceil(share * sorted.length) - 1)]!;
  const middle = sorted.length / 2;
  const median = (sorted[Math.ceil(middle) - 1]! + sorted[Math.floor(middle)]!) / 2;
  return { mean: values.reduce((a, b) => a + b, 0) / values.length, median, p95: at(0.95) };
}
