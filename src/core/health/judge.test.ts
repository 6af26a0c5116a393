// Goal: what is put down to the image and what is not. Method: small fleets in which episodes are dealt out by hand.
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { HOUR, MINUTE } from '../base/instant.ts';
import { drawOf, keyOf } from '../forecast/random.ts';
import { cohortsOf } from './cohorts.ts';
import { eValue } from './evidence.ts';
import { emptySight, FAILED, type Field, fieldOf, type Member, RUNNING, type Sight } from './field.ts';
import { type Episodes, type Judged, judge, noiseOf, notJudged, ruling, withoutStratum } from './judge.ts';

const RULE = { alpha: 0.01, margin: 2, windowMs: 45 * MINUTE };
const BEGAN_MS = 100 * HOUR;
const member = (more: Partial<Member> = {}): Member => ({
  stratum: 'aws 4.19',
  region: 'eu',
  managementCluster: 'm',
  customer: 'c',
  ...more,
});
const of = (count: number, more: Partial<Member> = {}) => Array.from({ length: count }, () => member(more));
const upTo = (count: number, from = 0) => Array.from({ length: count }, (_, i) => from + i);
const NO_EPISODES: Episodes = { treated: [], control: [] };

/** A fleet in which those of `running` run the image since now. */
function seenWith(field: Field, running: readonly number[], more: Partial<Sight> = {}): Sight {
  const sight = { ...emptySight(field), ...more };
  for (const i of running) {
    sight.state[i] = RUNNING;
    sight.ranAtMs[i] = BEGAN_MS;
  }
  return sight;
}

/** Looks once, `minutes` after the last look; those struck are out of both arms from then on, as after a real look. */
function look(field: Field, sight: Sight, before: Judged, episodes: Episodes, minutes = 1): Judged {
  for (const i of episodes.treated) {
    sight.broke[i] = 1;
    sight.state[i] = FAILED;
  }
  for (const i of episodes.control) sight.unwell[i] = 1;
  const nowMs = before.atMs + minutes * MINUTE;
  const cohorts = cohortsOf(field, sight, RULE.windowMs, nowMs);
  return judge(before, { field, cohorts, episodes, nowMs }, RULE);
}

const e = (judged: Judged): number => eValue(judged.logs, 0);

describe('bad episodes', () => {
  const field = fieldOf(of(1_000));
  const start = notJudged(field, BEGAN_MS);

  test('that strike only those that run the image are enough to halt after a few', () => {
    const sight = seenWith(field, upTo(100));
    const one = look(field, sight, start, { treated: [1], control: [] });
    const three = look(field, sight, one, { treated: [2, 3], control: [] });
    const four = look(field, sight, three, { treated: [4], control: [] });
    expect(e(one)).toBeLessThan(100);
    expect(e(four)).toBeGreaterThan(100);
    expect(ruling(four, 1, RULE.alpha).halt).toEqual({ e: e(four) });
  });

  test('of a regional outage that strikes changed and unchanged alike say nothing against the image', () => {
    const sight = seenWith(field, upTo(300));
    const struck = look(field, sight, start, { treated: upTo(60), control: upTo(140, 300) });
    expect(e(struck)).toBeLessThan(1);
    // The same sixty alone are a catastrophe.
    const alone = look(field, seenWith(field, upTo(300)), start, { treated: upTo(60), control: [] });
    expect(e(alone)).toBeGreaterThan(1e6);
  });

  test('in another region are no comparison', () => {
    const two = fieldOf([...of(500), ...of(500, { region: 'us' })]);
    const sight = () => seenWith(two, upTo(50));
    const here = look(two, sight(), notJudged(two, BEGAN_MS), { treated: [1, 2, 3], control: upTo(20, 60) });
    const there = look(two, sight(), notJudged(two, BEGAN_MS), {
      treated: [1, 2, 3],
      control: upTo(20, 600),
    });
    expect(e(here)).toBeLessThan(1);
    expect(e(there)).toBeGreaterThan(100);
  });

  test('that strike nobody who runs the image speak for it', () => {
    const sight = seenWith(field, upTo(100));
    expect(e(look(field, sight, start, { treated: [], control: upTo(5, 200) }))).toBeLessThan(1);
  });

  test('count for what was to be expected of each: of a frail one less than of a robust one', () => {
    const mixed = fieldOf([...of(20, { rate: 0.2 }), ...of(20, { rate: 0.0002 }), ...of(960)]);
    const at = (i: number) =>
      e(look(mixed, seenWith(mixed, [i]), notJudged(mixed, BEGAN_MS), { treated: [i], control: [] }));
    expect(at(0)).toBeLessThan(at(20));
  });

  test('are judged the same whatever the order in which control planes are listed', () => {
    const regions = ['eu', 'us', 'ap'];
    const strata = ['aws 4.19', 'aws 4.20', 'azure 4.19'];
    const places = Array.from({ length: 60 }, (_, i) =>
      member({ region: regions[i % 3]!, stratum: strata[Math.floor(i / 3) % 3]! }),
    );
    const order = fc.shuffledSubarray(upTo(60), { minLength: 60 });
    const evidence = (places: readonly Member[], where: (i: number) => number) => {
      const field = fieldOf(places);
      const sight = seenWith(field, upTo(30).map(where));
      const treated = [3, 8, 17, 24].map(where).sort((a, b) => a - b);
      const control = [31, 40].map(where).sort((a, b) => a - b);
      return e(look(field, sight, notJudged(field, BEGAN_MS), { treated, control }));
    };
    const listed = evidence(places, (i) => i);
    fc.assert(
      fc.property(order, (order) => {
        const shuffled = order.map((i) => places[i]!);
        expect(evidence(shuffled, (i) => order.indexOf(i)) / listed).toBeCloseTo(1, 9);
      }),
      { seed: 4, numRuns: 40 },
    );
  });
});

describe('in no arm is', () => {
  type Mark = readonly ['unwell' | 'burning' | 'broke', number];
  const field = fieldOf(of(100));
  const cohorts = (mark: Mark | undefined, laterMin = 0) => {
    const sight = seenWith(field, upTo(10));
    if (mark) sight[mark[0]][mark[1]] = 1;
    const { treatedCount, controlCount } = cohortsOf(
      field,
      sight,
      RULE.windowMs,
      BEGAN_MS + laterMin * MINUTE,
    );
    return [treatedCount, controlCount];
  };

  test.each<[string, Mark | undefined, number[]]>([
    ['nobody of a fleet that is well', undefined, [10, 90]],
    ['one that is ill before the change', ['unwell', 50], [10, 89]],
    ['one that burns and is not changed', ['burning', 50], [10, 89]],
    ['one that burned and was changed', ['burning', 5], [9, 90]],
    ['one that broke already', ['broke', 5], [9, 90]],
  ])('%s', (_who, mark, expected) => {
    expect(cohorts(mark)).toEqual(expected);
  });

  test('one that has run the image for longer than the window', () => {
    expect(cohorts(undefined, 45)).toEqual([10, 90]);
    expect(cohorts(undefined, 46)).toEqual([0, 90]);
  });

  test('an unchanged cohort that is sick: it does not bless an image that breaks', () => {
    const well = fieldOf(of(60));
    const sick = fieldOf(of(1_060));
    const unwell = Uint8Array.from({ length: 1_060 }, (_, i) => (i < 60 ? 0 : 1));
    const struck: Episodes = { treated: [1, 2], control: [] };
    const withSick = look(sick, seenWith(sick, upTo(10), { unwell }), notJudged(sick, BEGAN_MS), struck);
    const without = look(well, seenWith(well, upTo(10)), notJudged(well, BEGAN_MS), struck);
    expect([...withSick.logs]).toEqual([...without.logs]);
  });
});

describe('where no controls are left', () => {
  const field = fieldOf(of(200));
  const all = upTo(200);

  test('quiet time speaks for the image and an episode against it', () => {
    const quiet = look(field, seenWith(field, all), notJudged(field, BEGAN_MS), NO_EPISODES, 10);
    expect(e(quiet)).toBeLessThan(1);
    const struck = look(field, seenWith(field, all), quiet, { treated: [1], control: [] }, 0);
    expect(e(struck)).toBeGreaterThan(e(quiet));
  });

  test('a tenth of a region unchanged is enough to compare with', () => {
    const passes = (running: number) =>
      e(look(field, seenWith(field, upTo(running)), notJudged(field, BEGAN_MS), NO_EPISODES, 10));
    expect(passes(179)).toBe(1);
    expect(passes(181)).toBeLessThan(1);
  });

  /** How many of 400 harmless images are halted, with noise so many times that of the past; `warned`: it showed before. */
  function halts(noise: number, warned: boolean): number {
    let halted = 0;
    for (let run = 0; run < 400; run += 1) {
      const control = warned ? { episodes: 200, expected: 200 / noise } : { episodes: 0, expected: 0 };
      let judged: Judged = { ...notJudged(field, BEGAN_MS), control };
      const sight = seenWith(field, all);
      const chance = (0.002 * noise) / 60;
      for (let minute = 0; minute < 45; minute += 1) {
        const key = keyOf(run, minute);
        const treated = all.filter((i) => sight.broke[i] === 0 && drawOf(key, i) < chance);
        judged = look(field, sight, judged, { treated, control: [] });
        if (ruling(judged, 1, RULE.alpha).halt) {
          halted += 1;
          break;
        }
      }
    }
    return halted;
  }

  test('usual noise halts at most one in a hundred of 400 harmless images', () => {
    expect(halts(1, false)).toBeLessThanOrEqual(4);
  });

  test('ten times the noise does not either, whether or not the controls had shown it before they were used up', () => {
    expect(halts(10, true)).toBeLessThanOrEqual(4);
    expect(halts(10, false)).toBeLessThanOrEqual(4);
  });

  describe('neighbours that fall ill together', () => {
    /** 200 that run it, on so many management clusters of so many regions, all told and none left to compare with. */
    const fleet = (clusters: number, regions: number) =>
      fieldOf(
        Array.from({ length: 200 }, (_, i) =>
          member({ managementCluster: `mc-${i % clusters}`, region: `r-${i % regions}` }),
        ),
      );
    const evidenceOf = (of: Field, treated: readonly number[]) =>
      e(look(of, seenWith(of, all), notJudged(of, BEGAN_MS), { treated, control: [] }, 1));
    const onCluster = (clusters: number, count: number) => upTo(count).map((n) => n * clusters);

    test('on one management cluster are one event, however many they are', () => {
      const one = evidenceOf(fleet(20, 4), onCluster(20, 1));
      expect(evidenceOf(fleet(20, 4), onCluster(20, 10))).toBeCloseTo(one, 6);
      expect(one).toBeLessThan(100);
    });

    test('in one region are three events at most', () => {
      const region = upTo(5).map((n) => n * 4);
      const three = evidenceOf(fleet(20, 4), region.slice(0, 3));
      expect(evidenceOf(fleet(20, 4), region)).toBeCloseTo(three, 6);
    });

    test('all over the fleet are each an event, and halt', () => {
      expect(evidenceOf(fleet(20, 20), upTo(5))).toBeGreaterThan(100);
    });

    test('a little later are still the same event; after half an hour they are another', () => {
      const field = fleet(20, 4);
      const sight = seenWith(field, all);
      const first = look(field, sight, notJudged(field, BEGAN_MS), { treated: [0], control: [] }, 1);
      const quiet = look(field, sight, first, NO_EPISODES, 5);
      const again = look(field, sight, first, { treated: [20], control: [] }, 5);
      expect(e(again)).toBeCloseTo(e(quiet), 9);
      const late = look(field, sight, first, { treated: [20], control: [] }, 31);
      expect(e(late)).toBeGreaterThan(e(look(field, sight, first, NO_EPISODES, 31)));
    });

    test('where most targets are on one management cluster are no neighbourhood, and count each', () => {
      expect(evidenceOf(fleet(1, 1), [0, 1, 2])).toBeGreaterThan(evidenceOf(fleet(1, 1), [0]));
    });
  });

  test('the noise is near what the past says until the controls have shown something', () => {
    expect(noiseOf(notJudged(field, BEGAN_MS))).toBe(1);
    expect(noiseOf({ ...notJudged(field, BEGAN_MS), control: { episodes: 49, expected: 4 } })).toBe(10);
  });
});

describe('what is halted', () => {
  const strata = ['aws 4.18', 'aws 4.19', 'azure 4.19', 'kubevirt 4.19'];
  const field = fieldOf(upTo(800).map((i) => member({ stratum: strata[i % 4]! })));
  const sight = () => seenWith(field, upTo(80));
  const inStratum = (stratum: number, count: number) => upTo(count).map((k) => 4 * k + stratum);
  const struck = (treated: readonly number[]) =>
    look(field, sight(), notJudged(field, BEGAN_MS), {
      treated: [...treated].sort((a, b) => a - b),
      control: [],
    });

  test.each([0, 1, 2, 3])('is the one stratum that breaks and no other (%i)', (stratum) => {
    expect(ruling(struck(inStratum(stratum, 5)), 4, RULE.alpha).halt).toMatchObject({ stratum });
  });

  test('is everything when more than one stratum breaks', () => {
    const both = struck([...inStratum(0, 5), ...inStratum(2, 5)]);
    expect(ruling(both, 4, RULE.alpha).halt).toEqual({ e: e(both) });
  });

  test('is nothing when too little is known', () => {
    expect(ruling(struck([0]), 4, RULE.alpha).halt).toBeUndefined();
    expect(ruling(notJudged(field, BEGAN_MS), 4, RULE.alpha)).toEqual({ e: 1 });
  });

  test('a stratum alone needs the evidence of as many tests as there are strata', () => {
    const found = ruling(struck(inStratum(1, 5)), 4, RULE.alpha).halt!;
    expect(found.e).toBeGreaterThanOrEqual(400);
  });

  test('speaks against the rest no more, and what the rest showed is kept', () => {
    const judged = struck([...inStratum(1, 6), 0]);
    const rest = withoutStratum(judged, 1, 4);
    expect(e(rest)).toBeCloseTo(eValue(judged.logs, 1 + 4 + 1), 10);
    expect(eValue(rest.logs, 1 + 1)).toBe(1);
    expect(eValue(rest.logs, 1 + 0)).toBe(eValue(judged.logs, 1 + 0));
    expect(ruling(rest, 4, RULE.alpha).halt).toBeUndefined();
  });

  test('is always everything where there is only one stratum', () => {
    const one = fieldOf(of(100));
    const judged = look(one, seenWith(one, upTo(10)), notJudged(one, BEGAN_MS), {
      treated: upTo(5),
      control: [],
    });
    expect(judged.logs).toHaveLength(11);
    expect(ruling(judged, 1, RULE.alpha).halt).toEqual({ e: e(judged) });
  });
});
