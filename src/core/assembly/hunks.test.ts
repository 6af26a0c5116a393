import { describe, expect, test } from 'vitest';
import { HUNKS_MAX, hunksOf } from './hunks.ts';
import { splitLines } from './line-diff.ts';
import { LINES_MAX } from './merge-adjacent.ts';

const lines = (text: string) => [...text].map((c) => `${c}\n`);
const find = (base: string, ours: string, theirs: string) =>
  hunksOf({ base: lines(base), ours: lines(ours), theirs: lines(theirs) }, 'a.txt').hunks;

describe('the hunks of a conflict', () => {
  test('say where both sides are, and which lines the change left alone', () => {
    expect(find('abcdef', 'XabCdef', 'abcDef')).toEqual([
      {
        shape: 'adjacent',
        base: { from: 2, to: 4 },
        ours: { from: 3, to: 5 },
        theirs: { from: 2, to: 4 },
        keptByTheirs: [2],
      },
    ]);
  });

  test.each([
    ['same lines', 'abc', 'aXc', 'aYc'],
    ['adjacent', 'abcd', 'aXcd', 'abYd'],
    ['both inserted', 'ab', 'aXb', 'aYb'],
    ['lines absent', 'abcd', 'ad', 'abYd'],
    ['same lines', 'abcd', 'aXd', 'abYd'],
  ])('tell %s from other shapes', (shape, base, ours, theirs) => {
    expect(find(base, ours, theirs)).toMatchObject([{ shape }]);
  });

  test('are imports only within the import block', () => {
    const file = (one: string, two: string) =>
      splitLines(`package a\nimport (\n\t"a"\n\t"${one}"\n)\nvar x = 1\nvar y = ${two}\n`);
    const texts = { base: file('b', '1'), ours: file('c', '2'), theirs: file('d', '3') };
    expect(hunksOf(texts, 'a.go').hunks.map((hunk) => hunk.shape)).toEqual(['imports', 'same lines']);
    expect(hunksOf(texts, 'a.txt').hunks.map((hunk) => hunk.shape)).toEqual(['same lines', 'same lines']);
  });

  test('leave out what one side did alone, and what both did alike', () => {
    expect(find('abcdefg', 'AbcdefG', 'abcDefG')).toEqual([]);
  });

  test('are not more than can be read; the count says how many there are', () => {
    const all = (mark: string) => Array.from({ length: 60 }, (_, i) => (i % 2 ? `${i}\n` : `${mark}${i}\n`));
    const found = hunksOf({ base: all(''), ours: all('x'), theirs: all('y') }, 'a.txt');
    expect(found.hunks).toHaveLength(HUNKS_MAX.perFile);
    expect(found.count).toBe(30);
  });

  test('are not looked for in a file that is too long, and that is said', () => {
    const base = Array.from({ length: LINES_MAX + 1 }, (_, i) => `${i}\n`);
    expect(hunksOf({ base, ours: base, theirs: base }, 'a.txt')).toEqual({
      hunks: [],
      count: 0,
      because: `longer than ${LINES_MAX} lines`,
    });
  });
});
