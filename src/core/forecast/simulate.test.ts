import { describe, expect, test } from 'vitest';
import { breaking, breakingStratum, type Laws, QUIET, STORMY } from './laws.ts';
import { makeModelFleet } from './model-fleet.ts';
import { type ModelView, NOTHING, type PacingRule, STATE } from './pacing-rule.ts';
import { type Simulation, simulate } from './simulate.ts';
import { plainFleet, seenIn, steadily, watched } from './testing.ts';

/** Every apply takes 6 minutes, nothing is ever bad, and nobody watches. */
const STILL: Laws = {
  ...QUIET,
  apply: { ...QUIET.apply, sigma: 0 },
  noise: { ...QUIET.noise, episodesPerHour: 0 },
  people: { brokenSeen: Number.POSITIVE_INFINITY, haltAfterMin: 0 },
};
const exactly = (share: number, latencyMin: number, laws = STILL) => breaking(laws, share, latencyMin, 0);
const small = makeModelFleet({ seed: 5, planes: 600, managementClusters: 30, regions: 6, burningShare: 0.1 });

const play = (changed: Partial<Simulation>) =>
  simulate({ fleet: plainFleet(10), laws: STILL, rule: steadily(10), seed: 1, untilMin: 600, ...changed });

/** What a rule sees minute by minute. */
function diary(changed: Partial<Simulation>) {
  const seen: ReturnType<typeof seenIn>[] = [];
  const rule = watched(changed.rule ?? steadily(10), (view) => seen.push(seenIn(view)));
  play({ fleet: small, laws: STORMY, ...changed, rule });
  return seen;
}

describe('a rollout that is played', () => {
  test('takes one apply when all fit beside each other, and two when half do', () => {
    expect(play({})).toMatchObject({ t50Min: 6, t95Min: 6, t100Min: 6, started: 10 });
    const twenty = play({ fleet: plainFleet(20), rule: steadily(20) });
    expect(twenty).toMatchObject({ t50Min: 6, t95Min: 12, t100Min: 12 });
  });

  test('with half the step has the same times to the minute', () => {
    expect(play({ laws: { ...STILL, stepMin: 0.5 } })).toMatchObject({ t50Min: 6, t100Min: 6 });
  });

  test('is the same whenever it is played with the same seed, and another with another', () => {
    const laws = breaking(STORMY, 0.3, 5);
    const once = (seed: number) => simulate({ fleet: small, laws, rule: steadily(7), seed, untilMin: 900 });
    expect(once(3)).toEqual(once(3));
    expect(once(4)).not.toEqual(once(3));
  });

  test('never has more at work in a management cluster than it has workers', () => {
    const begun = new Float64Array(small.size).fill(-1);
    let most = 0;
    const look = ({ state, fleet, ran }: ModelView, minute: number) => {
      for (const index of ran) begun[index] = minute;
      const busy = new Array(fleet.managementClusters).fill(0);
      state.forEach((is, index) => {
        if (is === STATE.applying) busy[fleet.managementCluster[index]!] += 1;
      });
      most = Math.max(most, ...busy);
    };
    play({ fleet: small, rule: watched(steadily(small.size), look) });
    expect(most).toBeGreaterThan(10);
    for (let cluster = 0; cluster < small.managementClusters; cluster += 1) {
      const times = [...begun].filter((_, index) => small.managementCluster[index] === cluster);
      const together = new Map<number, number>();
      for (const at of times) together.set(at, (together.get(at) ?? 0) + 1);
      expect(Math.max(...together.values())).toBe(Math.min(10, times.length));
    }
  });

  test('keeps every control plane in one state, and tells every change of it once', () => {
    const state = new Uint8Array(small.size).fill(STATE.untouched);
    const ill = new Set<number>();
    const takesBack: PacingRule = {
      step: (view, minute) => ({
        start: minute < 60 ? Array.from({ length: 10 }, (_, k) => minute * 10 + k) : [],
        rollback: [...view.state.keys()].filter(
          (i) => view.state[i] === STATE.running && view.unhealthy[i] === 1,
        ),
      }),
    };
    let minutes = 0;
    const look = (view: ModelView, minute: number) => {
      minutes += 1;
      if (minute === 0) for (const i of view.unhealthy.keys()) view.unhealthy[i] === 1 && ill.add(i);
      for (const i of view.ran) state[i] = STATE.running;
      for (const i of view.cameBack) state[i] = STATE.back;
      for (const i of view.failed) state[i] = STATE.failed;
      for (const i of view.recovered) ill.delete(i);
      for (const i of view.fellIll) ill.add(i);
      for (let i = 0; i < small.size; i += 1) {
        const told = view.state[i] === STATE.applying || view.state[i] === STATE.goingBack;
        expect(told || view.state[i] === state[i]).toBe(true);
        expect(view.unhealthy[i] === 1).toBe(ill.has(i));
        if (view.state[i] === STATE.running) expect(view.runningSince[i]).toBeGreaterThanOrEqual(0);
        if (view.state[i]! < STATE.running) expect(view.runningSince[i]).toBe(-1);
      }
    };
    const laws = { ...breaking(STORMY, 0.3, 5), apply: { ...STORMY.apply, failShare: 0.1 } };
    const outcome = play({ fleet: small, laws, rule: watched(takesBack, look), untilMin: 200 });
    expect(minutes).toBeGreaterThan(10);
    expect(outcome.started).toBeGreaterThan(100);
    expect(new Set(state)).toEqual(new Set([STATE.running, STATE.back, STATE.failed, STATE.untouched]));
  });

  test.each([
    ['starts one twice', { start: [0, 0], rollback: [] }, 'start of 0: it is applying'],
    ['starts one that there is not', { start: [10], rollback: [] }, 'start of 10: there is no such'],
    ['takes back one never told', { start: [], rollback: [3] }, 'rollback of 3: it is untouched'],
  ])('ends loudly when a rule %s', (_what, step, complaint) => {
    expect(() => play({ rule: { step: () => step } })).toThrow(complaint);
  });
});

describe('a fix that breaks things', () => {
  test('breaks none, all, or about its share', () => {
    expect(play({ laws: exactly(0, 5) }).broken).toBe(0);
    expect(play({ laws: exactly(1, 5) }).broken).toBe(10);
    const { broken } = play({
      fleet: plainFleet(4000),
      laws: exactly(0.2, 5),
      rule: steadily(4000),
      untilMin: 5_000,
    });
    expect(Math.abs(broken - 800)).toBeLessThan(4 * Math.sqrt(4000 * 0.2 * 0.8));
  });

  test('breaks the same control planes whatever the order and pace', () => {
    const all = (perStep: number) =>
      play({ fleet: small, laws: exactly(0.2, 5), rule: steadily(perStep) }).broken;
    expect(all(1)).toBe(all(600));
  });

  test('breaks exactly the stratum it breaks', () => {
    const laws = breakingStratum(STILL, 0, 5);
    const inside = small.stratum.filter((stratum) => stratum === 0).length;
    expect(inside).toBeGreaterThan(50);
    expect(play({ fleet: small, laws, rule: steadily(600) }).broken).toBe(inside);
  });

  test('costs what passes from running it to being back', () => {
    let told = false;
    const once: PacingRule = {
      step(view) {
        const start = told ? [] : [0];
        told = true;
        return { start, rollback: view.fellIll, done: true };
      },
    };
    // Ran at 6, seen at 16, back at 22.
    expect(play({ laws: exactly(1, 10), rule: once })).toMatchObject({ broken: 1, brokenHours: 16 / 60 });
    expect(play({ laws: exactly(1, 10) })).toMatchObject({ broken: 10, brokenHours: (10 * (600 - 6)) / 60 });
  });

  test('is halted by people, and goes back after the delay of the rule', () => {
    const laws = { ...exactly(1, 10), people: { brokenSeen: 10, haltAfterMin: 30 } };
    const undo = { delayMin: 60, managementClusterShare: 1 };
    // Ran at 6, seen at 16, halted at 46, told to go back at 106, back at 112.
    const outcome = play({ laws, rule: steadily(10, undo) });
    expect(outcome).toMatchObject({
      haltedBy: 'people',
      haltedAtMin: 46,
      brokenHours: (10 * (112 - 6)) / 60,
    });
    expect(
      play({ laws: { ...laws, people: { brokenSeen: 11, haltAfterMin: 30 } } }).haltedBy,
    ).toBeUndefined();
  });

  test('lets a halted rollout go back newest first, a third of a management cluster at a time', () => {
    const halts: PacingRule = {
      step: (view, minute) => {
        const run = minute < 3 ? [minute * 3, minute * 3 + 1, minute * 3 + 2] : [];
        return { start: run, rollback: [], halted: view.ran.includes(8) };
      },
    };
    const outcome = play({ fleet: plainFleet(9), laws: exactly(1, 100), rule: halts });
    // They ran at 6, 7 and 8; three at a time are back at 14, 20 and 26, the newest first.
    expect(outcome).toMatchObject({
      haltedBy: 'rule',
      haltedAtMin: 8,
      brokenHours: (3 * (6 + 13 + 20)) / 60,
    });
  });

  test('is not noticed in what a rule sees before it shows', () => {
    const good = diary({ rule: steadily(5), untilMin: 100 });
    const bad = diary({ rule: steadily(5), untilMin: 100, laws: exactly(1, 10_000, STORMY) });
    expect(good.length).toBe(101);
    expect(bad).toEqual(good);
    const shows = diary({ rule: steadily(5), untilMin: 100, laws: exactly(1, 20, STORMY) });
    expect(shows).not.toEqual(good);
  });

  test('has nothing in the view but what can be observed', () => {
    let names: string[] = [];
    play({ rule: watched(steadily(10), (view) => (names = Object.keys(view))) });
    expect(names.sort()).toEqual(
      [
        'cameBack',
        'failed',
        'fellIll',
        'fleet',
        'ran',
        'recovered',
        'runningSince',
        'state',
        'unhealthy',
      ].sort(),
    );
  });
});

describe('burning control planes', () => {
  const burning = { ...plainFleet(10), burning: new Uint8Array(10).fill(1, 0, 4) };

  test('recover after they run a fix that fixes', () => {
    const laws = { ...STILL, fix: { curesAfterMin: 5 } };
    const { burnHours } = play({ fleet: burning, laws });
    expect(burnHours).toBeGreaterThan((4 * 8) / 60);
    expect(burnHours).toBeLessThan((4 * 25) / 60);
  });

  test('burn on under a fix that does not fix', () => {
    expect(play({ fleet: burning, laws: { ...STILL, fix: {} } }).burnHours).toBe((4 * 600) / 60);
  });

  test('burn again when the fix that fixed them is taken back', () => {
    const halts: PacingRule = {
      step: (_, minute) => ({ start: minute === 0 ? [0] : [], rollback: [], halted: minute === 100 }),
    };
    const one = { ...burning, burning: new Uint8Array(10).fill(1, 0, 1) };
    const { burnHours } = play({ fleet: one, rule: halts });
    const { burnHours: cured } = play({ fleet: one, rule: steadily(10) });
    expect(burnHours).toBeCloseTo(cured + (600 - 106) / 60);
  });
});

describe('noise', () => {
  const idle: PacingRule = { step: () => NOTHING };

  test('is as frequent as its law says, and its episodes as long', () => {
    const laws: Laws = { ...STILL, noise: { episodesPerHour: 0.02, episodeMin: 10 } };
    let fell = 0;
    let illMinutes = 0;
    const counts: PacingRule = {
      step(view) {
        fell += view.fellIll.length;
        illMinutes += view.unhealthy.reduce((a, b) => a + b, 0);
        return { start: [], rollback: [] };
      },
    };
    play({ fleet: plainFleet(2000), laws, rule: counts, untilMin: 6000 });
    const expected = 2000 * 100 * 0.02;
    expect(Math.abs(fell - expected)).toBeLessThan(5 * Math.sqrt(expected));
    expect(Math.abs(illMinutes - 10 * expected)).toBeLessThan(50 * Math.sqrt(expected));
  });

  test('makes a whole management cluster bad in an incident of it', () => {
    const incidents = { ...QUIET.incidents, clusterPerHour: 2 };
    let falls = 0;
    const look = (view: ModelView) => {
      const hit = new Set(view.fellIll.map((index) => small.managementCluster[index]!));
      falls += hit.size;
      small.managementCluster.forEach((cluster, i) => {
        if (hit.has(cluster)) expect(view.unhealthy[i]).toBe(1);
      });
    };
    play({ fleet: small, laws: { ...STILL, incidents }, rule: watched(idle, look) });
    expect(falls).toBeGreaterThan(5);
    expect(falls).toBeLessThan(40);
  });

  test('falls on one region in an incident of it', () => {
    const incidents = { ...QUIET.incidents, regionalPerHour: 0.1, regionalFactor: 100_000 };
    const laws: Laws = { ...STILL, noise: { episodesPerHour: 0.0001, episodeMin: 10 }, incidents };
    const perRegion = new Map<number, number>();
    const look = (view: ModelView) => {
      for (const i of view.fellIll)
        perRegion.set(small.region[i]!, (perRegion.get(small.region[i]!) ?? 0) + 1);
    };
    play({
      fleet: small,
      laws,
      rule: watched(idle, look),
      untilMin: 2_400,
    });
    const counts = [...perRegion.values()].sort((a, b) => b - a);
    expect(counts[0]).toBeGreaterThan(20);
    expect(perRegion.size).toBeLessThan(small.regions);
  });
});

test('a share of applies that never ends is seen to have failed at the deadline, and holds a worker till then', () => {
  const laws: Laws = { ...STILL, apply: { ...STILL.apply, failShare: 1, deadlineMin: 30 } };
  const failedAt: number[] = [];
  const look = (view: ModelView, minute: number) => view.failed.length > 0 && failedAt.push(minute);
  const rule: PacingRule = {
    step: (_, minute) => ({ start: minute === 0 ? [...Array(20).keys()] : [], rollback: [] }),
  };
  const outcome = play({ fleet: plainFleet(20), laws, rule: watched(rule, look), untilMin: 100 });
  expect(failedAt).toEqual([30, 60]);
  expect(outcome.t50Min).toBeUndefined();
});
