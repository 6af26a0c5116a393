import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { diffLines, type Edit, splitLines } from './line-diff.ts';

const lines = (text: string) => [...text].map((c) => `${c}\n`);
const diff = (before: string, after: string) =>
  diffLines(lines(before), lines(after)).map((e) => [e.from, e.to, e.at, e.until]);

function patched(before: readonly string[], after: readonly string[], edits: readonly Edit[]): string[] {
  let at = 0;
  const parts = edits.flatMap((e) => {
    const kept = before.slice(at, e.from);
    at = e.to;
    return [...kept, ...after.slice(e.at, e.until)];
  });
  return [...parts, ...before.slice(at)];
}

describe('lines of a text', () => {
  test('keep their ends, and joined give the text again', () => {
    expect(splitLines('a\r\nb\n\nc')).toEqual(['a\r\n', 'b\n', '\n', 'c']);
    expect(splitLines('')).toEqual([]);
    fc.assert(
      fc.property(fc.string({ unit: fc.constantFrom('a', '\n', '\r') }), (text) => {
        expect(splitLines(text).join('')).toBe(text);
      }),
      { seed: 1, numRuns: 200 },
    );
  });
});

describe('a difference of lines', () => {
  test('is empty for equal texts', () => {
    expect(diff('abc', 'abc')).toEqual([]);
    expect(diff('', '')).toEqual([]);
  });

  test('names what was changed, put in and taken out', () => {
    expect(diff('abc', 'aXc')).toEqual([[1, 2, 1, 2]]);
    expect(diff('abc', 'abXYc')).toEqual([[2, 2, 2, 4]]);
    expect(diff('abcd', 'ad')).toEqual([[1, 3, 1, 1]]);
    expect(diff('', 'ab')).toEqual([[0, 0, 0, 2]]);
    expect(diff('ab', '')).toEqual([[0, 2, 0, 0]]);
  });

  test('holds on to the rare line, not to the common one', () => {
    expect(diff('..K..', 'K....X')).toEqual([
      [0, 2, 0, 0],
      [5, 5, 3, 6],
    ]);
  });

  test('puts a repeated block after its twin, as git does', () => {
    expect(diff('ab}cd}', 'ab}xy}cd}')).toEqual([[3, 3, 3, 6]]);
    expect(diff('a..b', 'a....b')).toEqual([[3, 3, 3, 5]]);
  });

  test('is a shortest one where every line is common', () => {
    const [dots, stars] = ['.'.repeat(80), '*'.repeat(80)];
    expect(diff(dots, `${dots}.`)).toEqual([[80, 80, 80, 81]]);
    expect(diff(`${dots}${stars}`, `*${dots}${stars}.`)).toEqual([
      [0, 0, 0, 1],
      [160, 160, 161, 162],
    ]);
  });

  const text = (chars: string) =>
    fc.array(fc.constantFrom(...chars), { maxLength: 60 }).map((all) => lines(all.join('')));
  const anyTexts = fc.oneof(fc.tuple(text('ab'), text('ab')), fc.tuple(text('abcdefgh}'), text('abcdefgh}')));

  test('applied to the one text gives the other', () => {
    fc.assert(
      fc.property(anyTexts, ([before, after]) => {
        expect(patched(before, after, diffLines(before, after))).toEqual(after);
      }),
      { seed: 2, numRuns: 1_000 },
    );
  });

  test('has edits in order that never touch, and says the same of the lines between', () => {
    fc.assert(
      fc.property(anyTexts, ([before, after]) => {
        let [a, b] = [-1, -1];
        for (const edit of diffLines(before, after)) {
          expect(edit.from).toBeGreaterThan(a);
          expect(edit.at).toBeGreaterThan(b);
          expect(edit.from - Math.max(a, 0)).toBe(edit.at - Math.max(b, 0));
          [a, b] = [edit.to, edit.until];
        }
      }),
      { seed: 3, numRuns: 1_000 },
    );
  });

  test('stays true for texts that share only common lines, past every limit', () => {
    const before = Array.from({ length: 3_000 }, (_, i) => (i % 2 === 0 ? '}\n' : `a${i}\n`));
    const after = Array.from({ length: 3_000 }, (_, i) => (i % 3 === 0 ? '}\n' : `b${i}\n`));
    expect(patched(before, after, diffLines(before, after))).toEqual(after);
  });
});
