import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { link, ORIGIN, verifyChain } from './chain.ts';
import type { Event, Recorded } from './event.ts';

/** A whole chain of pauses and resumes, one event a reason. */
function chainOf(reasons: readonly string[]): Recorded[] {
  const rows: Recorded[] = [];
  for (const [i, reason] of reasons.entries()) {
    const event: Event = i % 2 === 0 ? { type: 'Paused', reason } : { type: 'Resumed', reason };
    const row = {
      fix: 'FIX-1' as const,
      version: i + 1,
      at: `2026-11-21T20:31:0${i % 10}.000Z`,
      author: 'ana',
      surface: 'cli',
      seen: i,
      event,
    };
    const previous = rows.at(-1)?.hash ?? ORIGIN;
    rows.push({ ...row, seq: 10 * (i + 1), previous, hash: link(previous, row) });
  }
  return rows;
}

const reasons = fc.array(fc.string({ unit: 'binary' }), { minLength: 1, maxLength: 8 });
const changed = <T>(rows: readonly T[], at: number, change: Partial<T>): T[] =>
  rows.map((row, i) => (i === at ? { ...row, ...change } : row));

describe('the hash chain of a fix', () => {
  test('an untouched chain verifies, whatever is in its events', () => {
    fc.assert(
      fc.property(reasons, (texts) => {
        expect(verifyChain(chainOf(texts))).toEqual({ verified: true, events: texts.length });
      }),
    );
  });

  test('a fix without events verifies with nothing in it', () => {
    expect(verifyChain([])).toEqual({ verified: true, events: 0 });
  });

  test.each([
    ['at', { at: '2026-11-21T23:59:59.000Z' }],
    ['author', { author: 'mallory' }],
    ['surface', { surface: 'console' }],
    ['seen', { seen: 99 }],
    ['event', { event: { type: 'Paused', reason: 'another reason' } }],
    ['hash', { hash: 'f'.repeat(64) }],
  ] as [string, Partial<Recorded>][])('a changed %s is found at its own row', (_member, change) => {
    fc.assert(
      fc.property(reasons, fc.nat(), (texts, n) => {
        const rows = chainOf(texts);
        const at = n % rows.length;
        const verdict = verifyChain(changed(rows, at, change));
        expect(verdict).toMatchObject({
          verified: false,
          broken: { seq: rows[at]!.seq, version: at + 1, because: 'content does not match its hash' },
        });
      }),
    );
  });

  test('a row that was rewritten with a fitting hash breaks the link of the row after it', () => {
    const rows = chainOf(['a', 'b', 'c']);
    const forged = { ...rows[1]!, author: 'mallory' };
    const verdict = verifyChain(changed(rows, 1, { ...forged, hash: link(forged.previous, forged) }));
    expect(verdict).toEqual({
      verified: false,
      broken: { seq: 30, version: 3, because: 'does not name the hash of the row before it' },
    });
  });

  test('a row taken out is named by the row that follows it', () => {
    const rows = chainOf(['a', 'b', 'c']);
    expect(verifyChain([rows[0]!, rows[2]!])).toMatchObject({
      broken: { version: 3, because: 'version 2 is missing before it' },
    });
    expect(verifyChain(rows.slice(1))).toMatchObject({
      broken: { version: 2, because: 'version 1 is missing before it' },
    });
  });

  test('rows in another order, or twice, are out of order', () => {
    const rows = chainOf(['a', 'b']);
    expect(verifyChain([rows[0]!, rows[1]!, rows[0]!])).toMatchObject({
      broken: { version: 1, because: 'out of order: version 3 was expected' },
    });
    expect(verifyChain(changed(rows, 1, { seq: 10 }))).toMatchObject({
      broken: { version: 2, because: 'out of order: sequence 10 does not follow 10' },
    });
  });

  test('a row of another fix does not belong', () => {
    expect(verifyChain(changed(chainOf(['a', 'b']), 1, { fix: 'FIX-2' }))).toMatchObject({
      broken: { because: 'belongs to FIX-2, not to FIX-1' },
    });
  });

  test('the hash of a row is the same whatever order its event was written in', () => {
    const row = {
      fix: 'FIX-1',
      version: 1,
      at: '2026-11-21T20:31:00.000Z',
      author: 'a',
      surface: 'cli',
      seen: 0,
    } as const;
    const one = link(ORIGIN, {
      ...row,
      event: { type: 'Attested', gate: 'g', line: 'l', digest: 'sha256:0', result: 'pass' },
    });
    const two = link(ORIGIN, {
      event: { result: 'pass', digest: 'sha256:0', line: 'l', gate: 'g', type: 'Attested' },
      ...row,
    });
    expect(one).toBe(two);
  });
});
