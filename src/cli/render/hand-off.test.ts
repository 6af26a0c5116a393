// Goal: who tests a fix sees on one screen what it is about; the page has the rest.
import { expect, test } from 'vitest';
import { handOffOf, storyOf } from '../../core/hand-off/testing.ts';
import { renderHandOff } from './hand-off.ts';
import { PLAIN } from './paper.ts';

test('the screen', async () => {
  await expect(renderHandOff(handOffOf(), { ...PLAIN, width: 120 })).toMatchFileSnapshot(
    'fixtures/hand-off.txt',
  );
});

test('every digest is there in full, on narrow paper too', () => {
  const it = handOffOf();
  const text = renderHandOff(it, { ...PLAIN, width: 60 });
  for (const { digest, earlier } of it.lines)
    for (const one of [digest, ...earlier.map((old) => old.digest)].filter((known) => known !== undefined))
      expect(text).toContain(one);
});

test('what is not known is said, and words of people move no terminal', () => {
  const it = handOffOf(storyOf({ title: 'a\u001b[2Jb\u202e', reason: 'c\nd' }), { read: false });
  const text = renderHandOff(it, PLAIN);
  expect(text).toContain('not known: the repository is away');
  expect(text).toContain('ab');
  for (const sign of ['\u001b', '\u202e', 'c\nd']) expect(text).not.toContain(sign);
});
