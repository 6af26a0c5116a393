import { expect, test } from 'vitest';
import type { Grid } from '../../../src/core/views/list-view.ts';
import {
  blocksOf,
  blockText,
  changedCells,
  changesText,
  isException,
  lineStep,
  nextIndex,
  sortedCounts,
} from './grid-model.ts';

const grid = (states: readonly string[], rowState = 'rolling'): Grid => ({
  fix: 'FIX-1',
  version: 3,
  rows: [
    {
      name: 'one-box',
      state: rowState,
      cells: states.map((s, i) => [`cp-${i}`, i % 2 === 0 ? 'mc-10' : 'mc-2', s]),
    },
  ],
});

test('clusters stand in the order people count in, cells in plan order', () => {
  const [row] = blocksOf(grid(['patched', 'failed', 'waiting', 'patched']));
  expect(row!.blocks.map((b) => [b.cluster, b.cells.map((c) => c.name)])).toEqual([
    ['mc-2', ['cp-1', 'cp-3']],
    ['mc-10', ['cp-0', 'cp-2']],
  ]);
});

test('a block is spoken as row, cluster and what differs', () => {
  const [row] = blocksOf(grid(['patched', 'failed', 'waiting', 'patched']));
  expect(row!.blocks.map(blockText)).toEqual([
    'one-box, mc-2, 1 of 2 patched, 1 failed',
    'one-box, mc-10, 1 of 2 patched',
  ]);
});

test('targets that wait in a paused row are shown as paused, others as they are', () => {
  const [row] = blocksOf(grid(['waiting', 'starting', 'patched'], 'paused'));
  expect(row!.blocks.flatMap((b) => b.cells.map((c) => c.state))).toEqual(['starting', 'paused', 'patched']);
});

test('changes are counted by where a control plane is now, once each', () => {
  const first = blocksOf(grid(['waiting', 'waiting', 'patched']));
  const second = blocksOf(grid(['starting', 'failed', 'patched']));
  const third = blocksOf(grid(['patched', 'failed', 'patched']));
  const seen = [...changedCells(first, second), ...changedCells(second, third)];
  expect(changesText(seen)).toBe('2 control planes changed: 1 failed, 1 patched.');
});

test('what is wrong is counted first', () => {
  expect(sortedCounts({ patched: 5, waiting: 2, failed: 1, strange: 1 }).map(([s]) => s)).toEqual([
    'failed',
    'waiting',
    'patched',
    'strange',
  ]);
});

test('the next exception goes round, and a grid without one has none', () => {
  const states = ['failed', 'patched', 'silent', 'patched'];
  expect(nextIndex(states, 0, isException)).toBe(2);
  expect(nextIndex(states, 2, isException)).toBe(0);
  expect(nextIndex(['patched'], 0, isException)).toBeUndefined();
});

test('up and down go one visual line, to the nearest cell', () => {
  const at = (left: number, top: number) => ({ left, top, width: 20, height: 20 });
  const boxes = [at(0, 0), at(24, 0), at(48, 0), at(0, 24), at(24, 24), at(300, 48)];
  expect(lineStep(boxes, 2, 'down')).toBe(4);
  expect(lineStep(boxes, 4, 'up')).toBe(1);
  expect(lineStep(boxes, 3, 'down')).toBe(5);
  expect(lineStep(boxes, 5, 'down')).toBe(5);
});
