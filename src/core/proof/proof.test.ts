// Goal: whether a gate lets an image through. A history is written as a sentence of short words:
// `pass` and `fail` on this image, `pass*` and `fail*` on another one, `waive` for an hour, `lapsed` a waiver that is over.
import { describe, expect, test } from 'vitest';
import { digestOf, minute, T0 } from '../life/testing.ts';
import { type Evidence, isOpen, standing, type Waiver } from './proof.ts';

const verdict = (word: string, i: number): Evidence => ({
  gate: 'bvt',
  line: '4.19.1',
  digest: digestOf(word.endsWith('*') ? 'another image' : 'image'),
  result: word.startsWith('pass') ? 'pass' : word === 'unclear' ? 'unclear' : 'fail',
  by: `qe-${i}`,
  at: minute(i),
  ...(word.startsWith('fail') && { note: '2 of 40 failed' }),
});
const waiver = (expiresAt: string): Waiver => ({
  gate: 'bvt',
  by: 'lchen',
  reason: 'no lab',
  at: T0,
  expiresAt,
});

function stand(history: string, over: { gate?: string; line?: string } = {}) {
  const words = history.split(' ').filter(Boolean);
  return standing({
    gate: 'bvt',
    line: '4.19.1',
    ...over,
    digest: digestOf('image'),
    evidence: words.filter((w) => /pass|fail|unclear/.test(w)).map(verdict),
    waivers: words.flatMap((w) =>
      w === 'waive' ? [waiver(minute(60))] : w === 'lapsed' ? [waiver(minute(30))] : [],
    ),
    now: minute(30),
  });
}

describe('a gate', () => {
  test.each([
    ['', 'missing', 'no evidence yet'],
    ['pass', 'met', 'passed by qe-0'],
    ['fail', 'failed', '2 of 40 failed'],
    ['fail pass', 'met', 'passed by qe-1'],
    ['pass fail', 'failed', '2 of 40 failed'],
    ['pass*', 'missing', 'evidence is for another digest'],
    ['pass* fail', 'failed', '2 of 40 failed'],
    ['fail pass*', 'failed', '2 of 40 failed'],
    ['waive', 'waived', 'waived by lchen: no lab'],
    ['fail waive', 'waived', 'waived by lchen: no lab'],
    ['pass waive', 'met', 'passed by qe-0'],
    ['lapsed', 'missing', 'no evidence yet'],
    ['fail lapsed', 'failed', '2 of 40 failed'],
    ['lapsed waive', 'waived', 'waived by lchen: no lab'],
    ['unclear', 'unclear', 'a person decides'],
    ['unclear pass', 'met', 'passed by qe-1'],
    ['unclear waive', 'waived', 'waived by lchen: no lab'],
    ['pass unclear', 'unclear', 'a person decides'],
    ['unclear pass*', 'unclear', 'a person decides'],
  ] as const)('after "%s" is %s', (history, state, because) => {
    const now = stand(history);
    expect(now).toMatchObject({ gate: 'bvt', line: '4.19.1', state, because });
    expect(isOpen(now)).toBe(state === 'met' || state === 'waived');
    expect(now.until).toBe(state === 'waived' ? minute(60) : undefined);
  });

  test('is not met by evidence on another line or for another gate, nor waived by a waiver of another', () => {
    expect(stand('pass', { line: '4.20.1' }).state).toBe('missing');
    expect(stand('pass', { gate: 'perf' }).state).toBe('missing');
    expect(stand('waive', { gate: 'perf' }).state).toBe('missing');
  });
});
