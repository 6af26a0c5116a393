// Goal: an act based on a view still stands when only that happened which the reader was told would, and falls when its meaning moved.
import { expect, test } from 'vitest';
import type { Event } from './event.ts';
import { movedSince } from './moved.ts';
import { declared, digestOf, tell } from './testing.ts';

const DIGEST = digestOf('x');
const told = { step: 0, role: 'qe', people: ['quinn'] };
const about = { gate: 'perf', line: '4.19.1', digest: DIGEST } as const;

const moves = (event: Event): boolean => {
  const { rows } = tell(declared(), 'fleetfix', event);
  return movedSince(rows.slice(-1)).length > 0;
};

test.each<Event>([
  { type: 'GateRan', ...about, result: 'pass', tookMs: 1 },
  { type: 'Attested', ...about, result: 'pass' },
  // Nobody who is about to start or to waive is stopped by somebody else being told.
  { type: 'HandedOff', digests: [DIGEST], told: [told] },
  { type: 'HandOffEscalated', ...told },
  { type: 'HandOffUnheard', said: 'NOBODY IS LEFT TO TELL' },
  { type: 'HandOffAcknowledged' },
  { type: 'DebtOverdue', gate: 'perf', line: '4.19.1', owner: 'qe', dueAt: '2026-03-02T04:32:00.000Z' },
])('$type moves nothing', (event) => {
  expect(moves(event)).toBe(false);
});

test.each<Event>([
  { type: 'Waived', gate: 'perf', reason: 'no lab', expiresAt: '2026-03-02T04:32:00.000Z' },
  { type: 'StageRetried', stage: 'proof' },
])('$type does', (event) => {
  expect(moves(event)).toBe(true);
});
