import { MINUTE, type Ms } from '../base/instant.ts';

/**
 * The control planes that a rollout is judged and paced by, as numbers: one index each, the plan's targets
 * first and in its order, then those that are only compared with. Nothing here changes during a rollout,
 * and no name is in it, so none can matter.
 */
export type Field = {
  readonly targets: number;
  readonly size: number;
  /** By `SETS`: which one of its kind a control plane belongs to. */
  readonly sets: Readonly<Record<SetKind, Sets>>;
  /** What a break of it counts for: 1, or more for those that matter more. */
  readonly weight: Float64Array;
  /** The most that a break of a target counts for, at least 1. */
  readonly heaviest: number;
  /** Bad episodes an hour to be expected of it without any change, from its own past. */
  readonly rate: Float64Array;
  /** What the targets have of it on average. */
  readonly meanRate: number;
  /** From 0. */
  readonly stage: Int32Array;
};

/** What a harm budget is kept for besides the whole: a platform and minor version, and where and whose it is. */
export const SETS = ['stratum', 'region', 'management cluster', 'customer'] as const;
export type SetKind = (typeof SETS)[number];

/** `of[i]`: the number of the set that index i is in. `sizes`: how many targets of the plan each holds. */
export type Sets = { readonly of: Int32Array; readonly sizes: Float64Array };

/** What a control plane is to a rollout at a moment. */
export const WAITING = 0;
/** Not told, and may not be now. */
export const HELD = 1;
/** Told, not yet seen running the image. */
export const STARTING = 2;
/** Seen running it. */
export const RUNNING = 3;
/** Told, and nothing is heard of it: unknown, never success. */
export const SILENT = 4;
/** Broke, or did not run the image in time. */
export const FAILED = 5;
export const GOING_BACK = 6;
export const BACK = 7;
/** Taken out by name, or deleted. */
export const OUT = 8;
/** Not a target: only compared with. */
export const CONTROL = 9;

/** What is seen of every index. Times are milliseconds of the Unix epoch; 0 where there is none. */
export type Sight = {
  readonly state: Uint8Array;
  readonly sinceMs: Float64Array;
  readonly toldAtMs: Float64Array;
  /** Since when it runs the image. */
  readonly ranAtMs: Float64Array;
  /** 1: in a bad episode, or not heard. It is in neither arm. */
  readonly unwell: Uint8Array;
  /** 1: showed the incident's symptom before it was told (or shows it now, while not told). */
  readonly burning: Uint8Array;
  /** 1: had a bad episode since it ran the image, or did not come to run it. */
  readonly broke: Uint8Array;
  /** 1: a person wants it back. */
  readonly wanted: Uint8Array;
};

export function emptySight(field: Field): Sight {
  const state = new Uint8Array(field.size).fill(WAITING, 0, field.targets).fill(CONTROL, field.targets);
  return {
    state,
    sinceMs: new Float64Array(field.size),
    toldAtMs: new Float64Array(field.size),
    ranAtMs: new Float64Array(field.size),
    unwell: new Uint8Array(field.size),
    burning: new Uint8Array(field.size),
    broke: new Uint8Array(field.size),
    wanted: new Uint8Array(field.size),
  };
}

/** What a field is made of; a set is named by any text, and only which ones are equal matters. */
export type Member = {
  readonly stratum: string;
  readonly region: string;
  readonly managementCluster: string;
  readonly customer: string;
  readonly weight?: number;
  readonly rate?: number;
  /** From 1. */
  readonly stage?: number;
};

/** Ill for so long, one that runs the image goes back even if it fell ill long after it began to. */
export const LASTS_MS: Ms = 30 * MINUTE;

/** Bad episodes an hour that are expected where nothing is known of its past: one in three weeks. */
export const USUAL_RATE = 0.002;

export function fieldOf(targets: readonly Member[], controls: readonly Member[] = []): Field {
  const all = [...targets, ...controls];
  const sets = (name: (m: Member) => string): Sets => {
    const numbers = new Map<string, number>();
    const of = Int32Array.from(all, (m) => {
      const known = numbers.get(name(m)) ?? numbers.size;
      numbers.set(name(m), known);
      return known;
    });
    const sizes = new Float64Array(numbers.size);
    for (let i = 0; i < targets.length; i += 1) sizes[of[i]!]! += 1;
    return { of, sizes };
  };
  const weight = Float64Array.from(all, (m) => atLeast(m.weight, 1));
  const rate = Float64Array.from(all, (m) => (positive(m.rate) ? m.rate! : USUAL_RATE));
  return {
    targets: targets.length,
    size: all.length,
    sets: {
      stratum: sets((m) => m.stratum),
      region: sets((m) => m.region),
      'management cluster': sets((m) => m.managementCluster),
      customer: sets((m) => m.customer),
    },
    weight,
    heaviest: weight.subarray(0, targets.length).reduce((most, w) => Math.max(most, w), 1),
    meanRate: meanOf(rate, targets.length),
    rate,
    stage: Int32Array.from(all, (m) => Math.max(0, (m.stage ?? 1) - 1)),
  };
}

/** The mean over the first `count`; 0 for none. */
export const meanOf = (rate: Float64Array, count: number): number =>
  count === 0 ? 0 : rate.subarray(0, count).reduce((sum, r) => sum + r, 0) / count;

const positive = (value: number | undefined): boolean => Number.isFinite(value) && value! > 0;
/** A weight that cannot be read, or would make harm smaller than it is, counts as the least. */
const atLeast = (value: number | undefined, least: number): number =>
  Number.isFinite(value) && value! >= least ? value! : least;
