// Goal: every checker of what is left in the end can fail: a story that is in order is broken in one place, and the checker says so.
import { describe, expect, test } from 'vitest';
import type { ControlPlane } from '../../core/fleet/control-plane.ts';
import { misbelieved, misfolded, misprojected, misrecorded, unchained } from './check-end.ts';
import { DECLARED, DELIVERING, FIX, NOW, OLD, plane, storyOf } from './test-story.ts';

describe('what is compared at the end', () => {
  test('finds rows that were changed, added or lost', () => {
    const story = storyOf(...DELIVERING);
    expect(misrecorded(story.rows, story)).toEqual([]);
    expect(misrecorded(story.rows.slice(1), story).join()).toMatch(
      '3 rows were written, and the ledger holds 2',
    );
    const changed = story.rows.map((row, i) => (i === 1 ? { ...row, author: 'eve' } : row));
    expect(misrecorded(changed, story)).toEqual(['FIX-1 version 2 is not what was written']);
    expect(unchained(story.rows)).toEqual([]);
    expect(unchained(changed).join()).toMatch('FIX-1: version 2');
  });

  test('finds a list that shows another state than the events give', () => {
    const story = storyOf(DECLARED);
    const { id, title, severity, state, component, author, declaredAt } = story.fixes.get(FIX)!;
    const row = { id, title, severity, state, component, author, declaredAt };
    expect(misprojected([row], story)).toEqual([]);
    expect(misprojected([{ ...row, state: 'covered' }], story)).toEqual([
      'FIX-1 is listed as covered, and its events make it declared',
    ]);
    expect(misprojected([], story)).toEqual(['FIX-1 is on no list']);
    expect(misprojected([row, { ...row, id: 'FIX-2' }], story).join()).toMatch('nobody declared it');
  });

  test('finds a copy that is not the fold', () => {
    const story = storyOf(...DELIVERING);
    const kept = story.fixes.get(FIX)!;
    expect(misfolded(kept, story.rows)).toEqual([]);
    expect(misfolded({ ...kept, handSteps: 9 }, story.rows)).toEqual([
      'FIX-1 is not what its events make it',
    ]);
  });

  test('finds a control plane that is not what it is believed to be', () => {
    const so = plane('one', OLD);
    const nothing = { gone: [], lost: [], images: [], refused: [] };
    const survey = [{ managementCluster: 'mc-1', full: true, planes: [so], ...nothing }];
    const believe = (planes: readonly ControlPlane[]) =>
      misbelieved({ planes, survey, heard: new Set(['mc-1']), now: NOW, heartbeatMs: 60_000 }).join('; ');
    const believed = { ...so, reportedAt: NOW };
    expect(believe([believed])).toBe('');
    expect(believe([])).toMatch('nobody knows it');
    expect(believe([{ ...believed, unhealthy: 'down' }])).toMatch('is believed to be');
    expect(believe([believed, { ...believed, uid: 'gone' }])).toMatch('believed to live and is gone');
    expect(believe([{ ...believed, reportedAt: '2099-01-01T00:00:00.000Z' }])).toMatch('heard at 2099');
  });
});
