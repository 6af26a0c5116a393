import { MINUTE, type Ms } from '../base/instant.ts';
import { type Cohorts, expectedIn, isAlone, treatedIn } from './cohorts.ts';
import { type Evidence, eValue, noEvidence, passAlone, RATIOS, weigh, weighAlone } from './evidence.ts';
import type { Field } from './field.ts';

/** How an image is judged. */
export type HealthRule = {
  /** The probability of halting an image that does no harm. */
  readonly alpha: number;
  /** The tolerated ratio of bad episodes: a restart makes some by itself. */
  readonly margin: number;
  /** How long after it runs an episode is put down to the image. */
  readonly windowMs: Ms;
};

/**
 * What is known against the image. Scope 0 is everything, then each stratum, then everything but that
 * stratum. `control`: the episodes of those without it, and how many were to be expected.
 */
export type Judged = {
  readonly logs: Evidence;
  readonly atMs: number;
  readonly control: { readonly episodes: number; readonly expected: number };
  /** Episodes of changed control planes that were weighed lately: management cluster, region, time. */
  readonly recent: readonly Weighed[];
};

/** `share`: how much of them counted, in episodes. */
export type Weighed = readonly [managementCluster: number, region: number, atMs: number, share: number];

/**
 * Neighbours fall ill together, image or not. Where both arms are left, such an incident strikes both and cancels. Where
 * nothing is left to compare with, it would count once for each of them: there, of one management cluster (unless most targets are
 * on it) only one episode counts in half an hour, and three of one region, shared by all that were struck. A factor of mean at most
 * 1 to a power below 1 has a mean of at most 1, so leaving some out only ever lowers the evidence.
 */
const TOGETHER_MS: Ms = 30 * MINUTE;
const ALONE_PER_CLUSTER_MAX = 1;
const ALONE_PER_REGION_MAX = 3;

/** Bad episodes that began since the last look, by index in ascending order; each at most once in a rollout. */
export type Episodes = { readonly treated: readonly number[]; readonly control: readonly number[] };

export function notJudged(field: Field, atMs: number): Judged {
  const strata = field.sets.stratum.sizes.length;
  const scopes = strata > 1 ? 1 + 2 * strata : 1;
  return { logs: noEvidence(scopes), atMs, control: { episodes: 0, expected: 0 }, recent: [] };
}

/**
 * Weighs what happened since the last look against who could have been struck then. Where the controls of a
 * region are used up, the cohort's own past is the comparison, times the noise that the controls showed.
 */
export function judge(
  before: Judged,
  it: {
    readonly field: Field;
    readonly cohorts: Cohorts;
    readonly episodes: Episodes;
    readonly nowMs: number;
  },
  rule: HealthRule,
): Judged {
  const { field, episodes, nowMs } = it;
  const cohorts = withStruck(field, it.cohorts, episodes);
  const ms = Math.max(0, nowMs - before.atMs);
  const logs = before.logs.slice();
  const noise = Math.max(1, noiseOf(before));
  letPass(logs, cohorts, noise * PAST_FACTOR, ms);
  const recent = before.recent.filter(([, , at]) => nowMs - at < TOGETHER_MS);
  const shares = sharesOf(field, cohorts, episodes.treated, recent);
  for (const [n, i] of episodes.treated.entries())
    strike(logs, field, cohorts, i, { treated: true, margin: rule.margin, share: shares[n]! });
  const weighed = weighedAt(field, episodes.treated, shares, nowMs);
  for (const i of episodes.control)
    strike(logs, field, cohorts, i, { treated: false, margin: rule.margin, share: 1 });
  const expected = cohorts.control.reduce((sum, rate) => sum + expectedIn(rate, ms), 0);
  return {
    logs,
    atMs: nowMs,
    control: {
      episodes: before.control.episodes + episodes.control.length,
      expected: before.control.expected + expected,
    },
    recent: [...recent, ...weighed],
  };
}

/** How many times the episodes of its past the control cohort has now; near 1 until there is something to see. */
export const noiseOf = ({ control }: Judged): number => (control.episodes + 1) / (control.expected + 1);

/** The own past is a guess, and an episode too many must not halt: the rate it gives is taken so many times. */
const PAST_FACTOR = 3;

/** The cohorts as they were just before the episodes: who was struck is in them. */
function withStruck(field: Field, cohorts: Cohorts, episodes: Episodes): Cohorts {
  const { region, stratum } = field.sets;
  const treated = cohorts.treated.slice();
  const control = cohorts.control.slice();
  for (const i of episodes.treated)
    treated[region.of[i]! * cohorts.strata + stratum.of[i]!]! += field.rate[i]!;
  for (const i of episodes.control) control[region.of[i]!]! += field.rate[i]!;
  return { ...cohorts, treated, control };
}

/** How much each episode counts, 0 to 1: the same for all of one management cluster, so no order matters. */
function sharesOf(
  field: Field,
  cohorts: Cohorts,
  treated: readonly number[],
  recent: readonly Weighed[],
): number[] {
  const cluster = field.sets['management cluster'].of;
  const region = field.sets.region.of;
  const alone = (i: number) => isAlone(treatedIn(cohorts, region[i]!), cohorts.control[region[i]!]!);
  const before = (kind: 0 | 1, of: number) => recent.reduce((sum, w) => sum + (w[kind] === of ? w[3] : 0), 0);
  const inCluster = treated.map((i) => {
    if (!alone(i) || isMost(field, cluster[i]!)) return 1;
    const struck = treated.filter((k) => cluster[k] === cluster[i]).length;
    return Math.min(1, Math.max(0, ALONE_PER_CLUSTER_MAX - before(0, cluster[i]!)) / struck);
  });
  return treated.map((i, n) => {
    if (!alone(i)) return 1;
    const struck = treated.reduce((sum, k, m) => sum + (region[k] === region[i] ? inCluster[m]! : 0), 0);
    const left = Math.max(0, ALONE_PER_REGION_MAX - before(1, region[i]!));
    return struck <= left ? inCluster[n]! : (inCluster[n]! * left) / struck;
  });
}

/** Where most of the targets are on one management cluster, it is no neighbourhood among others. */
const isMost = ({ sets, targets }: Field, cluster: number): boolean =>
  2 * sets['management cluster'].sizes[cluster]! > targets;

/** What of this look must be remembered, one entry a management cluster, in the order of their numbers. */
function weighedAt(
  field: Field,
  treated: readonly number[],
  shares: readonly number[],
  nowMs: number,
): Weighed[] {
  const cluster = field.sets['management cluster'].of;
  const sums = new Map<number, Weighed>();
  treated.forEach((i, n) => {
    const c = cluster[i]!;
    const sum = sums.get(c)?.[3] ?? 0;
    sums.set(c, [c, field.sets.region.of[i]!, nowMs, sum + shares[n]!]);
  });
  return [...sums.values()].sort((a, b) => a[0] - b[0]);
}

function letPass(logs: Evidence, cohorts: Cohorts, factor: number, ms: Ms): void {
  for (let r = 0; r < cohorts.control.length; r += 1) {
    const treated = treatedIn(cohorts, r);
    if (treated > 0 && isAlone(treated, cohorts.control[r]!))
      eachScope(logs, cohorts, r, (scope, t) => passAlone(logs, scope, expectedIn(t * factor, ms)));
  }
}

type Struck = { readonly treated: boolean; readonly margin: number; readonly share: number };

function strike(logs: Evidence, field: Field, cohorts: Cohorts, index: number, it: Struck): void {
  const r = field.sets.region.of[index]!;
  const control = cohorts.control[r]!;
  const alone = isAlone(treatedIn(cohorts, r), control);
  const stratum = it.treated ? field.sets.stratum.of[index]! : undefined;
  eachScope(logs, cohorts, r, (scope, t) => {
    if (it.treated && !holds(scope, stratum!, cohorts.strata)) return;
    if (!alone) weigh(logs, scope, { treated: t, control }, it);
    else if (it.treated) weighAlone(logs, scope, it.share);
  });
}

/** Calls with every scope and what it has of the region's treated cohort. */
function eachScope(
  logs: Evidence,
  cohorts: Cohorts,
  r: number,
  call: (scope: number, treated: number) => void,
): void {
  const all = treatedIn(cohorts, r);
  call(0, all);
  if (logs.length === RATIOS.length) return;
  for (let s = 0; s < cohorts.strata; s += 1) {
    const mine = cohorts.treated[r * cohorts.strata + s]!;
    call(1 + s, mine);
    call(1 + cohorts.strata + s, all - mine);
  }
}

const holds = (scope: number, stratum: number, strata: number): boolean =>
  scope === 0 || (scope <= strata ? scope - 1 === stratum : scope - 1 - strata !== stratum);

/** What the evidence says. `stratum`: only that one is bad; absent: everything. */
export type Ruling = {
  readonly e: number;
  readonly halt?: { readonly stratum?: number; readonly e: number };
};

/**
 * Whether to halt, and what. One stratum alone is halted when its own evidence is enough for all strata
 * together and the rest shows none; the rest goes on.
 */
export function ruling(judged: Judged, strata: number, alpha: number): Ruling {
  const e = eValue(judged.logs, 0);
  const scoped = judged.logs.length > RATIOS.length;
  for (let s = 0; scoped && s < strata; s += 1) {
    const mine = eValue(judged.logs, 1 + s);
    if (mine >= strata / alpha && eValue(judged.logs, 1 + strata + s) < UNSUSPICIOUS)
      return { e, halt: { stratum: s, e: mine } };
  }
  return e >= 1 / alpha ? { e, halt: { e } } : { e };
}

const UNSUSPICIOUS = 10;

/** What is left to say of the rest once one stratum is halted: its episodes no longer speak against the rest. */
export function withoutStratum(judged: Judged, stratum: number, strata: number): Judged {
  const logs = noEvidence(judged.logs.length / RATIOS.length);
  const rest = (1 + strata + stratum) * RATIOS.length;
  logs.set(judged.logs.subarray(rest, rest + RATIOS.length), 0);
  for (let s = 0; s < strata; s += 1) {
    const at = (1 + s) * RATIOS.length;
    if (s !== stratum) logs.set(judged.logs.subarray(at, at + RATIOS.length), at);
  }
  return { ...judged, logs };
}
