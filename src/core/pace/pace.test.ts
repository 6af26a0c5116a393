// Goal: no value of a limit, however strange, lets more happen than the smallest or the usual one.
import { describe, expect, test } from 'vitest';
import { HOUR, MINUTE } from '../base/instant.ts';
import { type Pace, PROFILES, paceOf, setBudget, USUAL } from './pace.ts';

/** What comes from files, flags and other programs when something went wrong. */
const UNREADABLE: readonly unknown[] = [
  undefined,
  null,
  0,
  -1,
  -1e9,
  Number.NaN,
  Number.POSITIVE_INFINITY,
  Number.NEGATIVE_INFINITY,
  'all',
  '100%',
  '40000',
  {},
  [],
];

const NARROWEST: Readonly<Partial<Record<keyof Pace, unknown>>> = {
  harmBudget: 1,
  oneBox: USUAL.oneBox,
  law: USUAL.law,
  windowMs: USUAL.windowMs,
  margin: USUAL.margin,
  alpha: USUAL.alpha,
  delta: USUAL.delta,
  burningWeight: 1,
  inFlightPerManagementCluster: 1,
};

const withField = (field: string, value: unknown) =>
  paceOf({ ...USUAL, harmBudget: 100, [field]: value } as Partial<Pace>);

describe('a pace', () => {
  test.each(
    Object.entries(NARROWEST).flatMap(([field, narrow]) =>
      UNREADABLE.map((v) => [field, v, narrow] as const),
    ),
  )('with %s %o does not widen', (field, value, narrow) => {
    expect(withField(field, value)[field as keyof Pace]).toEqual(narrow);
  });

  test('that says nothing is the narrowest there is', () => {
    expect(paceOf({})).toEqual({
      ...USUAL,
      harmBudget: 1,
      burningWeight: 1,
      inFlightPerManagementCluster: 1,
      minSoakMs: HOUR,
    });
  });

  test.each([0, -1, 0.5, Number.NaN, Number.POSITIVE_INFINITY, 'all', null])(
    'with at most %o an hour starts one an hour',
    (value) => {
      expect(withField('maxPerHour', value).maxPerHour).toBe(1);
    },
  );

  test('without a limit an hour has none', () => {
    expect('maxPerHour' in withField('maxPerHour', undefined)).toBe(false);
  });

  test.each([Number.NaN, Number.POSITIVE_INFINITY, 'none', undefined])(
    'with a least soak of %o soaks an hour',
    (value) => {
      expect(withField('minSoakMs', value).minSoakMs).toBe(HOUR);
    },
  );

  test.each([
    { medianMs: 0, sigma: 0.6 },
    { medianMs: 30 * MINUTE, sigma: 0 },
    { medianMs: Number.NaN, sigma: 0.6 },
    { medianMs: -5, sigma: 0.6 },
    { medianMs: Number.POSITIVE_INFINITY, sigma: 0.6 },
  ])('with the law %j has the slow one', (law) => {
    expect(withField('law', law).law).toEqual(USUAL.law);
  });

  test('keeps what can be read', () => {
    const asked: Pace = {
      harmBudget: 37.5,
      oneBox: 5,
      law: { medianMs: 10 * MINUTE, sigma: 0.4 },
      windowMs: HOUR,
      margin: 3,
      alpha: 0.001,
      delta: 0.1,
      kappa: 0.2,
      burningWeight: 0.5,
      inFlightPerManagementCluster: 3,
      minSoakMs: 5 * MINUTE,
      maxPerHour: 50,
    };
    expect(paceOf(asked)).toEqual(asked);
  });

  test('has a budget of one at least, and profiles from routine to emergency', () => {
    expect(withField('harmBudget', 0.2).harmBudget).toBe(1);
    expect(PROFILES).toEqual({ routine: 12, standard: 25, urgent: 100, emergency: 400 });
  });
});

describe('the budget of a guard set', () => {
  test.each([
    [100, 1, 100],
    [100, 0.25, 50],
    [100, 0.07, 26.46],
    [100, 0.001, 6],
    [100, 0, 6],
    [12, 0.25, 6],
    [4, 0.5, 4],
    [1, 1, 1],
  ])('of %d for a share of %d is %d', (harmBudget, share, budget) => {
    expect(setBudget(harmBudget, share)).toBeCloseTo(budget, 2);
  });
});
