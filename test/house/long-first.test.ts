import { existsSync } from 'node:fs';
import { expect, test } from 'vitest';
import { LONG } from './long-first.ts';

test('the tests that begin first are there under the names they are known by', () => {
  const top = new URL('../../', import.meta.url);
  expect(LONG.filter((name) => !existsSync(new URL(name, top)))).toEqual([]);
});
