// Goal: the evidence is an e-process. Method: the mean of every factor by enumeration, and thousands of harmless
// rollouts whose every choice is made by an adversary that sees the evidence.
import { describe, expect, test } from 'vitest';
import { drawOf, keyOf } from '../forecast/random.ts';
import { type Arms, eValue, noEvidence, passAlone, RATIOS, weigh, weighAlone } from './evidence.ts';

/** The factors of one episode, by rate ratio. */
function factorsOf(arms: Arms, treated: boolean, margin: number): number[] {
  const evidence = noEvidence(1);
  weigh(evidence, 0, arms, { treated, margin });
  return [...evidence].map(Math.exp);
}

const ARMS: readonly Arms[] = [
  { treated: 1, control: 1 },
  { treated: 12, control: 39_988 },
  { treated: 39_000, control: 1_000 },
  { treated: 0.024, control: 7.5 },
];

/** The mean factor when the image makes `times` the episodes. */
function meanFactors(arms: Arms, margin: number, times: number): number[] {
  const share = (times * arms.treated) / (times * arms.treated + arms.control);
  const [hit, miss] = [factorsOf(arms, true, margin), factorsOf(arms, false, margin)];
  return RATIOS.map((_, i) => share * hit[i]! + (1 - share) * miss[i]!);
}

describe('one episode', () => {
  test.each(ARMS.flatMap((arms) => [1.5, 2, 3].map((margin) => [arms, margin] as const)))(
    'of %j multiplies by 1 on average when the image makes exactly %d times as many',
    (arms, margin) => {
      for (const mean of meanFactors(arms, margin, margin)) expect(mean).toBeCloseTo(1, 10);
    },
  );

  test.each(ARMS)('of %j multiplies by less than 1 on average when the image does no harm', (arms) => {
    for (const mean of meanFactors(arms, 2, 1)) expect(mean).toBeLessThan(1);
    for (const mean of meanFactors(arms, 2, 50)) expect(mean).toBeGreaterThan(0);
  });

  test('speaks against the image where it is changed, and for it where it is not', () => {
    const arms = { treated: 12, control: 4_000 };
    expect(Math.min(...factorsOf(arms, true, 2))).toBeGreaterThan(1);
    expect(Math.max(...factorsOf(arms, false, 2))).toBeLessThan(1);
  });

  test('says nothing where nobody runs the image', () => {
    expect(factorsOf({ treated: 0, control: 10 }, false, 2)).toEqual(RATIOS.map(() => 1));
  });

  test('without controls multiplies by 1 on average, over all numbers of episodes there can be', () => {
    const expected = 0.3;
    RATIOS.slice(0, 4).forEach((_, i) => {
      let mean = 0;
      let chance = Math.exp(-expected);
      for (let n = 0; n < 100; n += 1) {
        const evidence = noEvidence(1);
        for (let k = 0; k < n; k += 1) weighAlone(evidence, 0);
        passAlone(evidence, 0, expected);
        mean += chance * Math.exp(evidence[i]!);
        chance *= expected / (n + 1);
      }
      expect(mean).toBeCloseTo(1, 8);
    });
  });
});

describe('the e-value', () => {
  test('of nothing is 1, and is the mean over the rate ratios', () => {
    const evidence = noEvidence(2);
    expect([eValue(evidence, 0), eValue(evidence, 1)]).toEqual([1, 1]);
    weighAlone(evidence, 1);
    expect(eValue(evidence, 0)).toBe(1);
    expect(eValue(evidence, 1)).toBeCloseTo(RATIOS.reduce((a, b) => a + b) / 11, 8);
  });

  test('stays a number after a million episodes', () => {
    const evidence = noEvidence(1);
    for (let i = 0; i < 1_000_000; i += 1) weighAlone(evidence, 0);
    expect(Number.isFinite(eValue(evidence, 0))).toBe(true);
    expect(eValue(evidence, 0)).toBeGreaterThan(1e300);
  });
});

const ALPHA = 0.01;
const RUNS = 3_000;
const FLEET = 400;

/** What an adversary who wants a halt does next: how many run the image now. */
type Adversary = (it: { readonly e: number; readonly treated: number; readonly u: number }) => number;

const ADVERSARIES: readonly (readonly [string, Adversary])[] = [
  ['keeps to a one-box of 12', () => 12],
  ['changes half of the fleet', () => FLEET / 2],
  ['leaves only one control', () => FLEET - 1],
  ['doubles after every episode', ({ treated }) => Math.min(FLEET - 1, treated * 2)],
  ['grows while it looks good for a halt, and begins anew when it does not', ({ e }) => (e > 1 ? 8 : 200)],
  ['goes small as soon as it is close', ({ e }) => (e > 20 ? 1 : 40)],
  ['draws a new size every time', ({ u }) => 1 + Math.floor(u * (FLEET - 1))],
];

test.each(ADVERSARIES)(
  `of ${RUNS} images at the edge of what is tolerated at most one in a hundred is ever halted when somebody %s`,
  (_name, adversary) => {
    let halted = 0;
    for (let run = 0; run < RUNS; run += 1) if (isHalted(adversary, run)) halted += 1;
    expect(halted / RUNS).toBeLessThanOrEqual(ALPHA);
  },
);

/** 60 episodes, each looked at; the image makes exactly twice as many. */
function isHalted(adversary: Adversary, run: number): boolean {
  const key = keyOf(run, 21);
  const evidence = noEvidence(1);
  let treated = 4;
  for (let k = 0; k < 60; k += 1) {
    const arms = { treated, control: FLEET - treated };
    const hits = drawOf(key, 2 * k) < (2 * treated) / (2 * treated + arms.control);
    weigh(evidence, 0, arms, { treated: hits, margin: 2 });
    const e = eValue(evidence, 0);
    if (e >= 1 / ALPHA) return true;
    treated = adversary({ e, treated, u: drawOf(key, 2 * k + 1) });
  }
  return false;
}

test.each([
  ['all that run it break', 400, 4],
  ['100 times as many episodes', 100, 6],
  ['20 times as many', 20, 12],
])('%s are found within a few failures on average', (_name, times, failures) => {
  let needed = 0;
  for (let run = 0; run < 100; run += 1) needed += failuresUntilHalt(times, run);
  expect(needed / 400).toBeLessThan(failures);
});

function failuresUntilHalt(times: number, run: number): number {
  const key = keyOf(run, 22);
  const evidence = noEvidence(1);
  const arms = { treated: 40, control: FLEET - 40 };
  let failures = 0;
  for (let k = 0; eValue(evidence, 0) < 1 / ALPHA; k += 1) {
    const hits = drawOf(key, k) < (times * arms.treated) / (times * arms.treated + arms.control);
    weigh(evidence, 0, arms, { treated: hits, margin: 2 });
    if (hits) failures += 1;
  }
  return failures;
}
