// Goal: no escape sequence is left of a text from outside, and no text takes more time than its length is worth.
import { expect, test } from 'vitest';
import { withoutEscapes } from './escapes.ts';

test.each([
  ['colours', '\x1b[1;31mred\x1b[0m', 'red'],
  ['moves of the cursor', 'a\x1b[2Jb\x1b[10;20Hc\u009b3Ad', 'abcd'],
  ['titles and links', '\x1b]0;title\x07a\x1b]8;;https://x.example\x1b\\link\x1b]8;;\x1b\\', 'alink'],
  ['short ones', '\x1b(Ba\x1b7b\x1bMc', 'abc'],
  ['a string without an end, but for what it holds', 'a\x1b]0;b', 'a0;b'],
  ['one that is cut off', 'a\x1b[', 'a'],
  ['nothing of what an escape stands before by chance', '+49\x1b 1\x1b', '+49\x1b 1\x1b'],
  ['nothing of a plain text', 'a [0m ]0; b', 'a [0m ]0; b'],
])('%s', (_, text, left) => {
  expect(withoutEscapes(text)).toBe(left);
});

test.each(['\x1b]', '\x1b]8;;', '\x1bP', '\x1b[', '\x1b[1;', '\u009b', '\x1b'])(
  'a megabyte of %j, each the beginning of another',
  (unit) => {
    expect(withoutEscapes(`${unit.repeat(1_000_000 / unit.length)}m`)).not.toContain(`${unit}${unit}m`);
  },
);
