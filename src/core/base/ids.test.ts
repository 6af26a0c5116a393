import { describe, expect, test } from 'vitest';
import { isCommit, isDigest, isFixId, isPlanId, short } from './ids.ts';

const HEX64 = 'a'.repeat(64);

describe('ids have one spelling each', () => {
  test.each([
    [
      'a fix',
      isFixId,
      ['FIX-1', 'FIX-128'],
      ['FIX-0', 'FIX-01', 'fix-1', 'FIX-', 'FIX-1 ', 'FIX-1\n', 'FIX-1234567890'],
    ],
    [
      'a digest',
      isDigest,
      [`sha256:${HEX64}`],
      [HEX64, `sha256:${HEX64}0`, `sha256:${HEX64.toUpperCase()}`, 'sha256:', 'latest'],
    ],
    [
      'a commit',
      isCommit,
      ['b'.repeat(40), HEX64],
      ['b'.repeat(39), 'main', 'B'.repeat(40), `${'b'.repeat(40)}\n`],
    ],
    ['a plan', isPlanId, ['P-0123abcd'], ['P-0123abc', 'P-0123abcde', 'p-0123abcd', 'P-0123ABCD']],
  ] as const)('of %s', (_what, is, right, wrong) => {
    expect(right.filter((text) => !is(text))).toEqual([]);
    expect(wrong.filter((text) => is(text))).toEqual([]);
  });

  test('are shortened for people to twelve digits', () => {
    expect(short(`sha256:5cd2f01a9b3c${'0'.repeat(52)}`)).toBe('5cd2f01a9b3c');
    expect(short('5cd2f01a9b3cdead')).toBe('5cd2f01a9b3c');
  });
});
