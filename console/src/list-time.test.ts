import { expect, test } from 'vitest';
import { MINUTE } from '../../src/core/base/instant.ts';
import type { FixRow } from '../../src/core/views/list-view.ts';
import { listMadeAt } from './list-time.ts';

const DECLARED = '2026-11-21T18:00:00.000Z';
const row = (minutes: number, more: Partial<FixRow> = {}): FixRow =>
  ({
    state: 'delivering',
    needs: [],
    ...more,
    clock: { declaredAt: DECLARED, elapsedMs: minutes * MINUTE, ...more.clock },
  }) as unknown as FixRow;
const covered = row(30, { clock: { coveredAt: '2026-11-21T18:30:00.000Z' } as FixRow['clock'] });
const loadedMs = Date.parse('2026-11-23T09:00:00.000Z');

test('a list is as old as the fixes on their way say, whatever the clock of this machine', () => {
  expect(listMadeAt([covered, row(170), row(90, { state: 'closed' })], loadedMs)).toBe(
    '2026-11-21T20:50:00.000Z',
  );
});

test('where every clock stands still the time it was loaded counts, but never before what it tells of', () => {
  expect(listMadeAt([covered], loadedMs)).toBe('2026-11-23T09:00:00.000Z');
  const since = '2026-11-24T01:00:00.000Z';
  const later = { ...covered, needs: [{ who: 'engineer', what: 'decide', since, command: '' }] };
  expect(listMadeAt([later], loadedMs)).toBe(since);
  expect(listMadeAt([], loadedMs)).toBe('2026-11-23T09:00:00.000Z');
});
