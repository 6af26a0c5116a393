// Goal: every checker of answers can fail: a story that is in order is broken in one place, and the checker says so.
import { describe, expect, test } from 'vitest';
import { ANSWER_CHECKS } from './check-answers.ts';
import type { Call } from './people.ts';
import {
  coverage,
  DECLARED,
  DELIVERING,
  FIX,
  LONG_AGO,
  NEW,
  NOW,
  plane,
  report,
  storyOf,
  TERMS,
} from './test-story.ts';

describe('an answer that breaks the rule', () => {
  const check = (name: string, call: Partial<Call>, story = storyOf(DECLARED)) =>
    ANSWER_CHECKS[name]!(
      { who: 'ann', what: 'POST /x', sentAt: NOW, status: 202, body: {}, ...call },
      story,
      TERMS,
    ).join('; ');

  test('says that something is wrong with the hub', () => {
    const name = 'no request fails in a way it must not';
    expect(check(name, { status: 409, body: { code: 'wrong-state' } })).toBe('');
    expect(check(name, { status: 500, body: { detail: 'a defect' } })).toMatch('a defect');
  });

  test('keeps a person from the safe direction', () => {
    const name = 'the safe direction is always open';
    const refused = (code: string, command: Call['command']) =>
      check(name, { status: 412, body: { code }, ...(command && { command }) });
    expect(refused('wrong-state', 'pause')).toBe('');
    expect(refused('stale-version', 'start')).toBe('');
    expect(refused('stale-version', 'pause')).toMatch('could not pause: stale-version');
    expect(refused('approval-missing', 'rollback')).toMatch('could not rollback');
  });

  test('tells of an act that nobody recorded', () => {
    const name = 'what is answered is on the ledger';
    expect(check(name, { command: 'declare', body: { fix: FIX, version: 1 } })).toBe('');
    expect(check(name, { command: 'pause', body: { fix: FIX, version: 2 } })).toMatch(
      'made version 2 of FIX-1',
    );
    expect(check(name, { who: 'ben', command: 'pause', body: { fix: FIX, version: 1 } })).toMatch(
      'ben was told',
    );
  });

  test('holds a secret', () => {
    const name = 'no answer holds a secret';
    expect(check(name, { body: { a: 'hunter' } })).toBe('');
    expect(check(name, { body: { a: 'hunter2' } })).toMatch('holds a secret');
  });

  test('shows a state that no event explains', () => {
    const name = 'a screen shows what events explain';
    const story = report(storyOf(...DELIVERING, { type: 'Paused', reason: 'wait' }), plane('one', NEW));
    const view = { id: FIX, at: NOW, version: 4, state: 'delivering', paused: true, halted: false, coverage };
    const shown = (over: object) =>
      check(name, { what: 'GET /api/fixes/FIX-1', status: 200, body: { ...view, ...over } }, story);
    expect(shown({})).toBe('');
    expect(shown({ version: 3 })).toMatch('"paused":true');
    expect(shown({ version: 9 })).toMatch('which nobody wrote');
    expect(shown({ state: 'covered' })).toMatch('shown as');
    expect(shown({ coverage: { ...coverage, unknown: 1 } })).toMatch('wrong coverage');
    story.heardAt.set('mc-1', LONG_AGO);
    expect(shown({})).toMatch('1 patched, and 0 were seen to be');
  });

  test('is tried here for every rule there is', () => {
    expect(Object.keys(ANSWER_CHECKS)).toHaveLength(5);
  });
});
