import { DAY } from '../../core/base/instant.ts';
import { compareText } from '../../core/roster/span.ts';
import type { Clocks } from './clocks.ts';
import type { Budget } from './fault.ts';
import { type Looked, repetitions, ZONE_SLACK_MS } from './repetitions.ts';
import type { Length, Vevent } from './vevent.ts';
import type { Wall } from './wall.ts';

/** An event at one time, in milliseconds since the epoch. */
export type Occurrence = { readonly fromMs: number; readonly toMs: number; readonly event: Vevent };

type Around = {
  readonly window: { readonly fromMs: number; readonly toMs: number };
  readonly clocks: Clocks;
  readonly budget: Budget;
  /** Leads the message of a limit. */
  readonly what: string;
};

/** What is left of a series (all VEVENTs of one uid) in a time. `backwards`: how many end before they begin. */
export function occurrences(
  series: readonly Vevent[],
  around: Around,
): { readonly kept: readonly Occurrence[]; readonly backwards: number } {
  const newest = newestOf(series);
  const masters = newest.filter(({ replaces }) => replaces === undefined);
  const replacing = newest.filter(({ replaces }) => replaces !== undefined);
  const all = [
    ...masters.flatMap((master) => (master.isCancelled ? [] : repeated(master, replacing, around))),
    // One that was moved stands for itself, whether or not its series still has it.
    ...replacing
      .filter((event) => !event.isCancelled && isNear(event.start.ms, lookedFor(event, around)))
      .map((event) => at(event, event.start.ms, around)),
  ];
  const seen = all.filter(({ fromMs, toMs }) => fromMs < around.window.toMs && toMs > around.window.fromMs);
  const backwards = all.filter(({ fromMs, toMs }) => toMs <= fromMs && inWindow(fromMs, around)).length;
  return { kept: seen.filter(({ fromMs, toMs }) => fromMs < toMs), backwards };
}

const inWindow = (ms: number, { window }: Around): boolean => window.fromMs <= ms && ms < window.toMs;

/** Of several versions of the same event or repetition the newest, by sequence, then by stamp, then by text. */
function newestOf(series: readonly Vevent[]): Vevent[] {
  const key = ({ replaces }: Vevent) =>
    replaces === undefined ? '' : `${replaces.ms} ${replaces.of} ${replaces.tzid ?? ''}`;
  return [...Map.groupBy(series, key).values()].map((same) => same.toSorted(byVersion).at(-1)!);
}

const byVersion = ({ version: a }: Vevent, { version: b }: Vevent): number =>
  a[0] - b[0] || compareText(a[1], b[1]) || compareText(a[2], b[2]);

/** The repetitions of a series, but for those taken out or replaced. */
function repeated(master: Vevent, replacing: readonly Vevent[], around: Around): Occurrence[] {
  const found = new Map<number, Length | undefined>();
  const looked = lookedFor(master, around);
  for (const wall of startsOf(master, looked)) found.set(wall, undefined);
  for (const { start, length } of master.dates) {
    const wall = onWallOf(start, master, around);
    if (isNear(wall, looked)) found.set(wall, length);
  }
  const isOut = takenOut(master, replacing, { ...around, looked });
  const laterOnes = replacing.filter(({ replaces }) => replaces!.andLater);
  return [...found].flatMap(([wall, length]) => {
    if (isOut(wall)) return [];
    const instead = newestBefore(laterOnes, wall, { master, around });
    if (instead === undefined) return [at(length ? { ...master, length } : master, wall, around)];
    return instead.isCancelled ? [] : [at(instead, wall + shiftOf(instead, master, around), around)];
  });
}

function startsOf(master: Vevent, looked: Looked): number[] {
  if (master.rules.length === 0) return isNear(master.start.ms, looked) ? [master.start.ms] : [];
  return master.rules.flatMap((rule) => repetitions(rule, master.start, looked));
}

const isNear = (wall: number, { fromMs, toMs }: Looked): boolean => fromMs <= wall && wall <= toMs;

/** Times on the wall that can lie in the window: an event that lasts long may have begun long before. */
function lookedFor(master: Vevent, { window, clocks, budget, what }: Around): Looked {
  const lasts = master.dates.reduce(
    (most, { length }) => Math.max(most, wallLength(master, length)),
    wallLength(master, master.length),
  );
  return {
    fromMs: window.fromMs - lasts - ZONE_SLACK_MS,
    toMs: window.toMs + ZONE_SLACK_MS,
    utcOf: (wall) => clocks.utcOf(wall, master.start),
    budget,
    what,
  };
}

function wallLength({ start }: Vevent, length: Length | undefined): number {
  if (length === undefined) return 0;
  return length.kind === 'end' ? Math.abs(length.end.ms - start.ms) + DAY : length.days * DAY + length.ms;
}

/** Whether a repetition was taken out, by a date, by a rule, or because another event replaces it. */
function takenOut(
  master: Vevent,
  replacing: readonly Vevent[],
  around: Around & { readonly looked: Looked },
): (wall: number) => boolean {
  const replaced = replacing.map(({ replaces }) => replaces!);
  const [days, times] = [new Set<number>(), new Set<number>()];
  for (const wall of [...master.exceptDates, ...replaced]) {
    if (wall.isDate || master.start.isDate) days.add(Math.floor(wall.ms / DAY));
    // What is far away takes nothing out here, and its zone need not be known.
    else if (isNear(wall.ms, around.looked)) times.add(around.clocks.utcOf(wall.ms, wall));
  }
  for (const rule of master.exceptRules)
    for (const wall of repetitions(rule, master.start, around.looked))
      times.add(around.clocks.utcOf(wall, master.start));
  return (wall) => days.has(Math.floor(wall / DAY)) || times.has(around.clocks.utcOf(wall, master.start));
}

/** The change `THISANDFUTURE` that holds for a repetition. */
function newestBefore(
  laterOnes: readonly Vevent[],
  wall: number,
  { master, around }: { readonly master: Vevent; readonly around: Around },
): Vevent | undefined {
  return laterOnes
    .map((event) => ({ event, from: onWallOf(event.replaces!, master, around) }))
    .filter(({ from }) => from <= wall)
    .toSorted((a, b) => a.from - b.from)
    .at(-1)?.event;
}

/** How much later than its repetition a changed one begins, on the wall. */
const shiftOf = (event: Vevent, master: Vevent, around: Around): number =>
  event.start.ms - onWallOf(event.replaces!, master, around);

/** A time on the wall of the series, for one that may be written for other clocks. */
function onWallOf(time: Wall, { start }: Vevent, { clocks }: Around): number {
  if (sameClocks(time, start) || time.isDate) return time.ms;
  const utc = clocks.utcOf(time.ms, time);
  // The offset of the series' clocks there, found at the time itself and once more at what that gave.
  const guess = utc + (utc - clocks.utcOf(utc, start));
  return guess + (utc - clocks.utcOf(guess, start));
}

const sameClocks = (a: Wall, b: Wall): boolean => a.of === b.of && a.tzid === b.tzid;

/** The event when its beginning stands at a time on its wall. */
function at(event: Vevent, wall: number, { clocks }: Around): Occurrence {
  const { start, length } = event;
  const fromMs = clocks.utcOf(wall, start);
  if (length.kind === 'duration')
    return { fromMs, toMs: clocks.utcOf(wall + length.days * DAY, start) + length.ms, event };
  const { end } = length;
  // The end keeps its place on the wall, also over a night in which the clocks are changed.
  const toMs = sameClocks(start, end)
    ? clocks.utcOf(wall + (end.ms - start.ms), start)
    : fromMs + (clocks.utcOf(end.ms, end) - clocks.utcOf(start.ms, start));
  return { fromMs, toMs, event };
}
