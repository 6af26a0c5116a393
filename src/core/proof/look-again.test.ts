import { expect, test } from 'vitest';
import { instantOf, MINUTE, msBetween, plus } from '../base/instant.ts';
import {
  IMAGE_LOOKS,
  isToLookAgain,
  LINK_LOOKS,
  type LookRule,
  type Looks,
  lookedInVain,
  nextLookAt,
} from './look-again.ts';

const START = instantOf(0);

/** All looks of a thing that never comes, each made when it is due. */
function inVain(rule: LookRule): Looks[] {
  const all: Looks[] = [lookedInVain(undefined, START, rule)];
  for (let at = all[0]!.againAt; at !== undefined; at = all.at(-1)!.againAt)
    all.push(lookedInVain(all.at(-1), at, rule));
  return all;
}

test('each wait is twice the one before, up to the longest', () => {
  const rule = { firstMs: MINUTE, mostMs: 4 * MINUTE, withinMs: 20 * MINUTE };
  const ats = inVain(rule).map(({ againAt }) => againAt && msBetween(START, againAt) / MINUTE);
  expect(ats).toEqual([1, 3, 7, 11, 15, 19, undefined]);
});

test.each([
  ['an image', IMAGE_LOOKS, 13],
  ['a link', LINK_LOOKS, 21],
])('%s that never comes is looked for a number of times that a timeline can show', (_, rule, looks) => {
  const all = inVain(rule);
  expect(all).toHaveLength(looks);
  expect(all.every(({ since }) => since === START)).toBe(true);
  expect(all.at(-1)).toEqual({ count: looks, since: START });
});

test('a look is due at its time, not before, and never once they are over', () => {
  const looks = lookedInVain(undefined, START, IMAGE_LOOKS);
  expect(isToLookAgain(looks, plus(looks.againAt!, -1))).toBe(false);
  expect(isToLookAgain(looks, looks.againAt!)).toBe(true);
  expect(isToLookAgain({ count: 9, since: START }, plus(START, 1e9))).toBe(false);
  expect(isToLookAgain(undefined, START)).toBe(false);
});

test('a clock that was ahead once holds up no look', () => {
  const looks = lookedInVain(undefined, plus(START, 365 * 24 * 60 * MINUTE), LINK_LOOKS);
  expect(isToLookAgain(looks, START)).toBe(true);
  expect(nextLookAt(looks, START)).toBeUndefined();
  expect(nextLookAt(lookedInVain(undefined, START, LINK_LOOKS), START)).toBe(plus(START, 5 * MINUTE));
});
