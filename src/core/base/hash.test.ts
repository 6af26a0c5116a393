import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { canonical, hashOf, sha256 } from './hash.ts';

const RUNS = { seed: 3, numRuns: 200 };

/** The same value with the members of every object put in another order. */
const reversed = (value: unknown): unknown => {
  if (Array.isArray(value)) return value.map(reversed);
  if (value === null || typeof value !== 'object') return value;
  return Object.fromEntries(
    Object.entries(value)
      .reverse()
      .map(([key, member]) => [key, reversed(member)]),
  );
};

describe('the canonical text of a value', () => {
  test.each([
    [{ b: 1, a: [true, null, 'x'] }, '{"a":[true,null,"x"],"b":1}'],
    [{ a: undefined, b: 0 }, '{"b":0}'],
    [{ '2': 'two', '10': 'ten' }, '{"10":"ten","2":"two"}'],
    ['ü "quoted"', '"ü \\"quoted\\""'],
    [[], '[]'],
    [{}, '{}'],
  ])('of %j is one text', (value, text) => {
    expect(canonical(value)).toBe(text);
  });

  test('is JSON of the same value, whatever the order of its keys', () => {
    fc.assert(
      fc.property(fc.jsonValue(), (value) => {
        expect(JSON.parse(canonical(value))).toEqual(JSON.parse(JSON.stringify(value)));
        expect(canonical(reversed(value))).toBe(canonical(value));
      }),
      RUNS,
    );
  });

  test('is equal only for equal values', () => {
    fc.assert(
      fc.property(fc.jsonValue(), fc.jsonValue(), (a, b) => {
        if (canonical(a) === canonical(b))
          expect(JSON.parse(JSON.stringify(a))).toEqual(JSON.parse(JSON.stringify(b)));
        expect(hashOf({ a })).not.toBe(hashOf({ a, also: b }));
      }),
      RUNS,
    );
  });

  test.each([[Number.NaN], [Number.POSITIVE_INFINITY], [() => 1], [Symbol('s')], [1n], [undefined]])(
    'refuses %s, which JSON cannot say',
    (value) => {
      expect(() => canonical(value)).toThrow(/^cannot be written canonically: /);
      expect(() => canonical([value])).toThrow(TypeError);
    },
  );
});

test('a hash is SHA-256 over UTF-8', () => {
  expect(sha256('')).toBe('e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855');
  expect(sha256('ü')).toBe('607474ca475a9724d7360aba71a56d5df77e61350e3f724cfa1f46e857e2d85f');
  expect(hashOf({ b: 1, a: 2 })).toBe(sha256('{"a":2,"b":1}'));
});
