import { describe, expect, test } from 'vitest';
import { MINUTE } from '../base/instant.ts';
import { digestOf, minute, T0 } from '../life/testing.ts';
import { type Pace, paceOf, USUAL } from '../pace/pace.ts';
import { endsAbout, medianTargetMs } from './estimate.ts';
import type { Told } from './observe.ts';
import type { Plan } from './plan.ts';

/** `xxy|xx`: management clusters of the targets, stage by stage. Two at a time, a soak of 10 minutes, a budget of 12. */
const planOf = (picture: string, pace: Partial<Pace> = {}): Plan => ({
  id: 'P-00000001',
  hash: '',
  fix: 'FIX-1',
  policy: 'p',
  at: T0,
  validUntil: minute(600),
  leftOut: [],
  controls: [],
  targets: picture.split('|').flatMap((stage, s) =>
    [...stage].map((managementCluster, i) => ({
      uid: `${s}-${i}`,
      name: `${s}-${i}`,
      managementCluster,
      region: 'eu',
      customer: 'acme',
      stratum: 'aws 4.19',
      component: 'cpo',
      line: 'l',
      digest: digestOf('fix'),
      from: digestOf('release'),
      stage: s + 1,
    })),
  ),
  stages: picture.split('|').map((stage, i) => ({
    name: `s${i + 1}`,
    size: stage.length,
    soakMs: 10 * MINUTE,
    approval: false,
  })),
  pace: paceOf({ ...USUAL, harmBudget: 12, inFlightPerManagementCluster: 2, ...pace }),
  urgency: { burning: 0, hazardPerHour: 0, computedBudget: 12, because: 'none burn' },
  limits: { unknownMax: 0, convergeWithinMs: 20 * MINUTE, silentAfterMs: 10 * MINUTE },
});
const ends = (picture: string, over: Partial<Parameters<typeof endsAbout>[0]> = {}) =>
  endsAbout({ plan: planOf(picture), from: T0, told: 0, oneBox: true, targetMs: 4 * MINUTE, ...over });
const minutesTo = (at: string): number => (Date.parse(at) - Date.parse(T0)) / MINUTE;

describe('when a plan ends', () => {
  test.each([
    ['one batch', 'xy', minute(8)],
    ['the fullest management cluster decides', 'xxxyz', minute(12)],
    ['the soaks of the stages before the last come on top', 'x|x|y', minute(4 + 4 + 20)],
  ])('%s', (_what, picture, at) => {
    expect(ends(picture)).toBe(at);
  });

  test('a fleet larger than the one-box waits for its evidence, and grows by evidence after that', () => {
    const of = (count: number, pace: Partial<Pace> = {}) =>
      minutesTo(
        ends('', { plan: planOf('x'.repeat(count), { inFlightPerManagementCluster: 2000, ...pace }) }),
      );
    expect(of(12)).toBe(8);
    expect(of(13)).toBeGreaterThan(30);
    expect(of(1000)).toBeGreaterThan(of(100));
    expect(of(1000, { harmBudget: 100 })).toBeLessThan(of(1000, { harmBudget: 25 }));
    // Ten times as many take a little longer, not ten times as long.
    expect(of(1000)).toBeLessThan(3 * of(100));
  });

  test('what is told takes no more time, and who has the evidence of the one-box does not wait for it', () => {
    const plan = planOf('x'.repeat(40), { inFlightPerManagementCluster: 40 });
    const at = (told: number, oneBox: boolean) => minutesTo(ends('', { plan, told, oneBox }));
    expect(at(12, false)).toBeLessThan(at(12, true));
    expect(at(39, false)).toBeLessThan(at(12, false));
    expect(at(40, false)).toBe(4);
  });

  test('a limit that cannot be read counts as one at a time', () => {
    for (const inFlightPerManagementCluster of [0, -4, Number.NaN])
      expect(ends('', { plan: planOf('xxx', { inFlightPerManagementCluster }) })).toBe(minute(16));
  });
});

test('the median is of those that run the image, from told to seen', () => {
  const told = (state: Told['state'], minutes: number): Told => ({
    state,
    toldAt: T0,
    since: minute(minutes),
    broke: false,
  });
  expect(medianTargetMs([])).toBeUndefined();
  expect(medianTargetMs([told('starting', 1), told('failed', 2)])).toBeUndefined();
  expect(
    medianTargetMs([told('patched', 9), told('patched', 2), told('patched', 3), told('failed', 1)]),
  ).toBe(3 * MINUTE);
});
