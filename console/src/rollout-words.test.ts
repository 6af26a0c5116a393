import { expect, test } from 'vitest';
import type { RolloutRow } from '../../src/core/views/fix-view.ts';
import { openStage, rowLook, rowMeaning, rowStateText, rowText } from './rollout-words.ts';

test('a stage is called a stage, the burning and the one-box by their own names', () => {
  expect(['burning', 'one-box', 'eu-first'].map(rowText)).toEqual(['burning', 'one-box', 'stage eu-first']);
});

test('the states of a row read as words, each with a mark of its own', () => {
  expect(rowStateText('evidence 4.1/6')).toBe('evidence 4.1 of 6');
  expect(rowStateText('soaking 18/30m')).toBe('soaking 18 of 30m');
  expect(rowStateText('rolled back')).toBe('rolled back');
  expect(['passed', 'halted', 'waiting', 'rolling', 'rolled back'].map((s) => rowLook(s).glyph)).toEqual([
    '●',
    '✖\uFE0E',
    '○',
    '◔',
    '↺',
  ]);
});

test('the stage of everyone says so; one of several is a part of the fleet', () => {
  expect(rowMeaning('all', 1)).toBe('everyone else, as the evidence allows');
  expect(rowMeaning('eu-first', 2)).toBe('a part of the fleet the policy names');
});

test('the open stage is the first that has not passed; one-box and burning are none', () => {
  const row = (name: string, state: string): RolloutRow => ({
    name,
    targets: 1,
    done: 0,
    failed: 0,
    unknown: 0,
    inFlight: 0,
    rolledBack: 0,
    state,
  });
  const rows = [row('one-box', 'evidence 1/6'), row('a', 'passed'), row('b', 'rolling'), row('c', 'waiting')];
  expect(openStage(rows)).toBe('b');
  expect(openStage(rows.slice(0, 2))).toBeUndefined();
});
