import { expect, test } from 'vitest';
import { createRecent } from './recent.ts';

test('what was used last stays, and no more than so many bytes', () => {
  const recent = createRecent<string>(10);
  recent.set('a', 'A', 4);
  recent.set('b', 'B', 4);
  recent.get('a');
  recent.set('c', 'C', 4);
  expect([recent.get('a'), recent.get('b'), recent.get('c')]).toEqual(['A', undefined, 'C']);
  recent.set('a', 'AA', 9);
  expect([recent.get('a'), recent.get('c')]).toEqual(['AA', undefined]);
  recent.set('d', 'D', 11);
  expect([recent.get('a'), recent.get('d')]).toEqual(['AA', undefined]);
});
