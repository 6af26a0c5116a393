import { describe, expect, test } from 'vitest';
import { MINUTE } from '../base/instant.ts';
import { digestOf, minute, T0 } from '../life/testing.ts';
import { endsAbout, medianTargetMs } from './estimate.ts';
import type { Told } from './observe.ts';
import type { Plan } from './plan.ts';

/** `xxy|xx`: management clusters of the targets, wave by wave. Two at a time, a soak of 10 minutes. */
const planOf = (picture: string, inFlight = 2): Plan => ({
  id: 'P-00000001',
  hash: '',
  fix: 'FIX-1',
  policy: 'p',
  at: T0,
  validUntil: minute(600),
  leftOut: [],
  targets: picture.split('|').flatMap((wave, w) =>
    [...wave].map((managementCluster, i) => ({
      uid: `${w}-${i}`,
      name: `${w}-${i}`,
      managementCluster,
      component: 'cpo',
      line: 'l',
      digest: digestOf('fix'),
      from: digestOf('release'),
      wave: w + 1,
    })),
  ),
  waves: picture === '' ? [] : picture.split('|').map((wave) => ({ size: wave.length, soakMs: 10 * MINUTE })),
  limits: {
    inFlightPerManagementCluster: inFlight,
    failedPerWaveMax: 0,
    failedPerManagementClusterMax: 0,
    unknownMax: 0,
    convergeWithinMs: 20 * MINUTE,
    silentAfterMs: 10 * MINUTE,
  },
});
const ends = (picture: string, over: Partial<Parameters<typeof endsAbout>[0]> = {}) =>
  endsAbout({ plan: planOf(picture), from: T0, passed: [], targetMs: 4 * MINUTE, ...over });

describe('when a plan ends', () => {
  test.each([
    ['one wave, one batch', 'xy', minute(14)],
    ['the fullest management cluster decides', 'xxxyz', minute(18)],
    ['waves follow one another', 'x|xxx|y', minute(14 + 18 + 14)],
    ['a plan of nobody ends at once', '', T0],
  ])('%s', (_what, picture, at) => {
    expect(ends(picture)).toBe(at);
  });

  test('waves that have passed take no more time', () => {
    expect(ends('x|xxx|y', { passed: [1] })).toBe(minute(18 + 14));
    expect(ends('x|xxx|y', { passed: [1, 2, 3] })).toBe(T0);
  });

  test('a soak that runs has its own end', () => {
    expect(ends('x|y', { soakEndsAt: minute(3) })).toBe(minute(3 + 14));
    expect(ends('x|y', { soakEndsAt: minute(-3) })).toBe(minute(14));
  });

  test('a limit that cannot be read counts as one at a time', () => {
    for (const limit of [0, -4, Number.NaN])
      expect(ends('xxx', { plan: planOf('xxx', limit) })).toBe(minute(22));
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
