import { expect, test } from 'vitest';
import { changeSchema } from './api.ts';
import { batchLineSchema } from './batch.ts';
import { PATCH_BYTES_MAX } from './patch.ts';

const head = 'diff --git a/x b/x\n';
const says = (text: string) => {
  const parsed = changeSchema.safeParse({ kind: 'patch', text });
  return parsed.success ? undefined : parsed.error.issues[0]!.message;
};

test('a patch is taken as it is, up to its limit in bytes', () => {
  expect(says(head)).toBeUndefined();
  expect(says(head + 'x'.repeat(PATCH_BYTES_MAX - head.length))).toBeUndefined();
  expect(says(head + 'é'.repeat(PATCH_BYTES_MAX / 2))).toMatch(/at most 256 KiB/);
  expect(says('hello')).toMatch(/git format-patch or git diff/);
  expect(says(`${head}\0`)).toMatch(/NUL/);
  expect(says(`${head}\ud800`)).toMatch(/half characters/);
});

test('a line of a batch names its change as commits or as the API does', () => {
  const read = (change: unknown) => batchLineSchema.safeParse({ change, onto: 'main' }).success;
  expect(read(['5cd2f01a'])).toBe(true);
  expect(read({ kind: 'patch', text: head })).toBe(true);
  expect(read([])).toBe(false);
  expect(read('5cd2f01a')).toBe(false);
  expect(read({ kind: 'patch' })).toBe(false);
  expect(batchLineSchema.parse({ change: ['a'], onto: 'b', asOf: '2026-06-30T12:00:00+02:00' }).asOf).toBe(
    '2026-06-30T10:00:00.000Z',
  );
});
