import type { Budget, Cut, SelectedSuite, SelectedTest } from './selection.ts';

/** One thing to run. `chance`: its weight among all, how likely it is to be the one that finds the fault. */
type Item = {
  readonly kind: 'test' | 'suite';
  readonly id: string;
  readonly distance: number;
  readonly minutes: number;
  readonly weight: number;
};

/** A test whose time nobody has measured takes the middle of those measured, or this. */
const UNKNOWN_MINUTES = 1;
/** Each import further away makes a test half as likely to fail: those that fail are near. */
const FALL = 0.5;

/**
 * Chooses what fits into so many minutes, run one after the other: what is most likely to find a fault per minute comes
 * first, of equals the nearest. The likelihood halves with each import on the way, and grows with how often a test has
 * failed. A suite of the map counts as near as a test one import away.
 *
 * The nearest tests, all of the least distance there is, are taken before anything else and even where they do not fit:
 * times come from reports, and what was changed must not go untested because a report claims hours for its test.
 */
export function withinMinutes(
  { tests, suites }: { readonly tests: readonly SelectedTest[]; readonly suites: readonly SelectedSuite[] },
  minutes: number,
): { tests: SelectedTest[]; suites: SelectedSuite[]; budget: Budget } {
  const known = tests.flatMap((test) => test.minutes ?? []).toSorted((a, b) => a - b);
  const assumed = known[known.length >> 1] ?? UNKNOWN_MINUTES;
  const items: Item[] = [
    ...tests.map((test) => itemOf(test, assumed)),
    ...suites.map(({ name, minutes = assumed }) => ({
      kind: 'suite' as const,
      id: name,
      distance: 1,
      minutes,
      weight: FALL / 2,
    })),
  ];
  const least = tests.reduce((near, { distance }) => Math.min(near, distance), Number.POSITIVE_INFINITY);
  const kept = new Set(items.filter(({ kind, distance }) => kind === 'test' && distance === least));
  let used = minutesOf([...kept]);
  for (const item of items.toSorted(byWorth)) {
    if (kept.has(item) || used + item.minutes > minutes) continue;
    used += item.minutes;
    kept.add(item);
  }
  const whole = minutesOf(items);
  const weight = items.reduce((sum, { weight: one }) => sum + one, 0) || 1;
  const cut: Cut[] = items
    .filter((item) => !kept.has(item))
    .toSorted(byNearness)
    .map(({ kind, id, distance, minutes: one, weight: own }) => ({
      id,
      kind,
      distance,
      minutes: round(one),
      chance: round(own / weight),
    }));
  const isKept = (kind: Item['kind'], index: number) =>
    kept.has(items[kind === 'test' ? index : tests.length + index]!);
  return {
    tests: tests.filter((_, i) => isKept('test', i)),
    suites: suites.filter((_, i) => isKept('suite', i)),
    budget: {
      minutes,
      used: round(used),
      whole: round(whole),
      assumed: { tests: tests.length - known.length, minutes: round(assumed) },
      cut,
      cost: round(items.reduce((sum, item) => (kept.has(item) ? sum : sum + item.weight), 0) / weight),
    },
  };
}

function itemOf({ id, distance, minutes, history }: SelectedTest, assumed: number): Item {
  // One failure in two runs is what is thought of a test before its first run.
  const rate = ((history?.failed ?? 0) + 1) / ((history?.runs ?? 0) + 2);
  return { kind: 'test', id, distance, minutes: minutes ?? assumed, weight: rate * FALL ** distance };
}

const MINUTES_MIN = 1 / 600;
const worth = ({ weight, minutes }: Item) => weight / Math.max(minutes, MINUTES_MIN);
const minutesOf = (items: readonly Item[]) => items.reduce((sum, { minutes }) => sum + minutes, 0);
const byNearness = (a: Item, b: Item) => a.distance - b.distance || worth(b) - worth(a);
const byWorth = (a: Item, b: Item) =>
  worth(b) - worth(a) || a.distance - b.distance || (a.id < b.id ? -1 : 1);
const round = (value: number) => Number(value.toFixed(4));
