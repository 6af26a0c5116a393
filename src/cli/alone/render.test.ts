import { expect, test } from 'vitest';
import { PLAIN } from '../render/paper.ts';
import { renderContainment } from './render.ts';

test('what is odd about a containment stands below its answer', () => {
  const said = { contained: true, how: ['trailer'], gitReverted: false };
  const text = renderContainment(
    {
      ...said,
      because: 'aaaaaaaaaaaa has it: trailer',
      of: [{ ...said, source: 'b'.repeat(40), commit: 'c'.repeat(40) }],
      warnings: ['only a part of its content is there'],
    },
    PLAIN,
  );
  expect(text.split('\n').slice(0, 2)).toEqual([
    'contained: aaaaaaaaaaaa has it: trailer',
    '  warning       only a part of its content is there',
  ]);
});
