import type { ModelFleet } from '../../src/core/forecast/model-fleet.ts';
import { type ModelView, NOTHING, type PacingRule, STATE } from '../../src/core/forecast/pacing-rule.ts';
import { keyOf, shuffled } from '../../src/core/forecast/random.ts';
import { anyOrder, Ills, type Policy, settled } from './policy.ts';

const WAVES = [1, 1, 2, 4, 8, 14];
const ONE_BOX_SHARE = 0.1;
const ONE_BOX_BAKE_MIN = 60;
const AT_ONCE_SHARE = 0.33;
const FIRST_WAVE_BAKE_MIN = 12 * 60;
const LATER_WAVE_BAKE_MIN = 3 * 60;
/** An alarm of a region: so many of its updated ones are bad, and such a share of them. */
const ALARM = { count: 3, share: 0.01 };

/** Where the rollout of one region is. */
type Region = {
  readonly oneBox: readonly number[];
  readonly rest: readonly number[];
  readonly told: number[];
  /** When the one box has baked; undefined until all of it runs. */
  bakedAt?: number;
};

/** Waves of regions; in each region one box, an hour, then a third at a time. Any alarm takes all of it back. */
function regionalWaves(fleet: ModelFleet, waves: readonly (readonly (readonly number[])[])[]): PacingRule {
  const ills = new Ills(fleet.size);
  const ahead = waves.map((regions) => regions.map((members) => regionOf(members)));
  const count = ahead.length;
  let now: Region[] = ahead.shift() ?? [];
  let bakedAt: number | undefined;
  return {
    step(view, minute) {
      ills.note(view, minute);
      if (now.some((region) => alarmed(view, ills, fleet, region))) return { ...NOTHING, halted: true };
      const start = now.flatMap((region) => nextOf(view, region, minute));
      const over = start.length === 0 && now.every((region) => isThrough(view, region));
      if (!over) return { start, rollback: [] };
      bakedAt ??= minute + (ahead.length === count - 1 ? FIRST_WAVE_BAKE_MIN : LATER_WAVE_BAKE_MIN);
      if (ahead.length === 0) return { ...NOTHING, done: true };
      if (minute >= bakedAt) [now, bakedAt] = [ahead.shift()!, undefined];
      return NOTHING;
    },
  };
}

const regionOf = (members: readonly number[]): Region => {
  const oneBox = Math.ceil(ONE_BOX_SHARE * members.length);
  return { oneBox: members.slice(0, oneBox), rest: members.slice(oneBox), told: [] };
};

const isThrough = (view: ModelView, { oneBox, rest, told }: Region): boolean =>
  told.length === oneBox.length + rest.length && settled(view, told);

/** The one box; once it ran for an hour, of the others as many as keep a third on their way. */
function nextOf(view: ModelView, region: Region, minute: number): readonly number[] {
  const { oneBox, rest, told } = region;
  if (told.length === 0) return tell(region, oneBox);
  if (region.bakedAt === undefined && settled(view, oneBox)) region.bakedAt = minute + ONE_BOX_BAKE_MIN;
  if (region.bakedAt === undefined || minute < region.bakedAt) return [];
  const at = told.length - oneBox.length;
  if (at === rest.length) return [];
  const onTheWay = told.filter((index) => view.state[index] === STATE.applying).length;
  const atOnce = Math.max(1, Math.floor(AT_ONCE_SHARE * (oneBox.length + rest.length)));
  return tell(region, rest.slice(at, at + Math.max(0, atOnce - onTheWay)));
}

function tell(region: Region, members: readonly number[]): readonly number[] {
  region.told.push(...members);
  return members;
}

function alarmed(view: ModelView, ills: Ills, { region }: ModelFleet, { told }: Region): boolean {
  if (told.length === 0 || ills.now.size < ALARM.count) return false;
  const here = region[told[0]!];
  const bad = [...ills.now].filter(
    (index) => region[index] === here && view.state[index] === STATE.running,
  ).length;
  return bad >= ALARM.count && bad >= ALARM.share * told.length;
}

export const awsWaves: Policy = {
  name: 'AWS-style waves (1h one-box, 12h, 3h)',
  make(fleet, seed) {
    const members: number[][] = Array.from({ length: fleet.regions }, () => []);
    for (const index of anyOrder(fleet, seed)) members[fleet.region[index]!]!.push(index);
    const order = [...shuffled(fleet.regions, keyOf(seed, 903))].map((region) => members[region]!);
    const ends = WAVES.map((_, i) => WAVES.slice(0, i + 1).reduce((a, b) => a + b, 0));
    const waves = ends.map((end, i) => order.slice(end - WAVES[i]!, end)).filter((wave) => wave.length > 0);
    return regionalWaves(fleet, waves);
  },
};
