// Goal: every checker of rows can fail: a story that is in order is broken in one place, and the checker says so.
import { describe, expect, test } from 'vitest';
import type { FixId } from '../../core/base/ids.ts';
import type { Event, Recorded } from '../../core/life/event.ts';
import { stepOf } from '../../core/life/step-of.ts';
import { ROW_CHECKS } from './check-rows.ts';
import { type Story, tellReport, tellRow, type Written } from './story.ts';
import {
  APPROVED,
  coverage,
  DECLARED,
  DELIVERING,
  FIX,
  LONG_AGO,
  NEW,
  NOW,
  next,
  OLD,
  PLAN,
  plane,
  ROLLING,
  report,
  SAYS_NOTHING,
  started,
  storyOf,
  TERMS,
  writing,
} from './test-story.ts';

describe('a row that breaks the rule', () => {
  const checkRow = (name: string, story: Story, row: Recorded, over: Partial<Written> = {}) =>
    ROW_CHECKS[name]!(row, story, TERMS, writing([row], over));
  const tested = new Set<string>();
  const breaks = (name: string, story: Story, row: Recorded, over: Partial<Written> = {}) => {
    tested.add(name);
    return expect(checkRow(name, story, row, over).join('; '));
  };
  const holds = (name: string, story: Story, row: Recorded, over: Partial<Written> = {}) =>
    expect(checkRow(name, story, row, over)).toEqual([]);

  test('is not linked to the one before it', () => {
    const name = 'the ledger is a chain';
    const story = storyOf(DECLARED);
    const row = next(story, APPROVED, 'ben');
    holds(name, story, row);
    breaks(name, story, { ...row, version: 3 }).toMatch('does not follow version 1');
    breaks(name, story, { ...row, previous: 'f'.repeat(64) }).toMatch('does not follow');
    breaks(name, story, { ...row, author: 'eve' }).toMatch('does not match its hash');
  });

  test('is dated by another clock than the hub’s', () => {
    const name = 'time is the hub’s own';
    const story = storyOf(DECLARED);
    holds(name, story, next(story, APPROVED, 'ben'));
    const late = { at: '2099-01-01T00:00:00.000Z' };
    breaks(name, story, next(story, APPROVED, 'ben', late)).toMatch('dated 2099');
    const early = { at: '2020-01-01T00:00:00.000Z' };
    breaks(name, story, next(story, APPROVED, 'ben', early), { now: early.at }).toMatch(
      'older than the row before',
    );
  });

  test('has no author, or one who may not decide', () => {
    const name = 'every act has its author';
    const story = storyOf(DECLARED);
    holds(name, story, next(story, APPROVED, 'ben'));
    breaks(name, story, next(story, APPROVED, 'eve')).toMatch('whom nobody knows');
    breaks(name, story, next(story, APPROVED, 'ben'), { answer: undefined }).toMatch('not on record');
    breaks(name, story, next(story, started('one'), 'ann')).toMatch('decided by ann');
  });

  test('decides and does not say because', () => {
    const name = 'every decision says because';
    const story = storyOf(...DELIVERING);
    holds(name, story, next(story, started('one')));
    breaks(name, story, next(story, { type: 'TargetsStarted', targets: ['one'], because: ' ' })).toMatch(
      'because',
    );
  });

  test('holds a secret', () => {
    const name = 'no secret is in the ledger';
    const story = storyOf(DECLARED);
    holds(name, story, next(story, { type: 'Withdrawn', reason: 'hunter' }, 'ann'));
    breaks(name, story, next(story, { type: 'Withdrawn', reason: 'see hunter2' }, 'ann')).toMatch(
      'holds a secret',
    );
  });

  test('starts targets while a brake is on', () => {
    const name = 'nothing starts while paused or halted';
    const paused: Event = { type: 'Paused', reason: 'wait' };
    const halted: Event = { type: 'Halted', because: 'it is bad' };
    holds(name, storyOf(...DELIVERING), next(storyOf(...DELIVERING), started('one')));
    const stopped = storyOf(...DELIVERING, paused);
    breaks(name, stopped, next(stopped, started('one'))).toMatch('while FIX-1 was paused');
    const resumed = storyOf(...DELIVERING, paused, { type: 'Resumed', reason: 'go' });
    holds(name, resumed, next(resumed, started('one')));
    const bad = storyOf(...DELIVERING, halted);
    breaks(name, bad, next(bad, started('one'))).toMatch('while FIX-1 was halted');
    const partly = storyOf(...DELIVERING, { ...halted, stratum: 'aws one' });
    breaks(name, partly, next(partly, started('one', 'two'))).toMatch('one was started while its stratum');
    holds(name, partly, next(partly, started('two')));
  });

  test('starts more on a management cluster than the plan allows', () => {
    const name = 'no management cluster takes more at once than the plan allows';
    const story = storyOf(...DELIVERING);
    holds(name, story, next(story, started('one')));
    breaks(name, story, next(story, started('one', 'two'))).toMatch('2 change at once on mc-1');
    const busy = storyOf(...DELIVERING, started('one'));
    breaks(name, busy, next(busy, started('two'))).toMatch('the plan allows 1');
  });

  test('decides otherwise than what is on record gives', () => {
    const name = 'a decision can be made again from what is on record';
    const story = storyOf(...DELIVERING);
    const { because, counts } = stepOf(PLAN, story.fixes.get(FIX)!.rollout!, NOW);
    const episodes = { treated: [], control: [] };
    holds(name, story, next(story, { type: 'Decided', because, counts, episodes }));
    const other = { ...counts, treated: counts.treated + 1 };
    breaks(name, story, next(story, { type: 'Decided', because, counts: other, episodes })).toMatch(
      'when made again',
    );
  });

  test('starts a plan that is not approved, by its author, twice, or changed', () => {
    const name = 'a plan starts once, approved by others';
    const approved = storyOf(DECLARED, APPROVED);
    holds(name, approved, next(approved, ROLLING, 'ann'));
    const alone = storyOf(DECLARED);
    breaks(name, alone, next(alone, ROLLING, 'ann')).toMatch('with 0 of 1 approvals');
    const own = storyOf(DECLARED);
    tellRow(own, next(own, APPROVED, 'ann'));
    breaks(name, own, next(own, ROLLING, 'ann')).toMatch('with 0 of 1 approvals');
    const declined = storyOf(DECLARED, APPROVED, { type: 'Declined', plan: PLAN.id, reason: 'no' });
    breaks(name, declined, next(declined, ROLLING, 'ann')).toMatch('with 0 of 1 approvals');
    const twice = storyOf(...DELIVERING);
    breaks(name, twice, next(twice, ROLLING, 'ann')).toMatch('was started twice');
    breaks(name, approved, next(approved, { ...ROLLING, hash: 'x' } as Event, 'ann')).toMatch(
      'not the plan that was kept',
    );
    approved.plans.set(PLAN.id, { ...PLAN, pace: { ...PLAN.pace, harmBudget: 400 } });
    breaks(name, approved, next(approved, ROLLING, 'ann')).toMatch('with 1 of 2 approvals');
  });

  test('tells a target that no plan names', () => {
    const name = 'only targets of the started plan are told';
    const story = storyOf(...DELIVERING);
    holds(name, story, next(story, started('one')));
    breaks(name, story, next(story, started('nine'))).toMatch('nine, which P-00000001 does not');
    const undelivered = storyOf(DECLARED, APPROVED);
    breaks(name, undelivered, next(undelivered, started('one'))).toMatch('which no plan does not');
  });

  test('counts as patched what no report shows', () => {
    const name = 'patched is what was seen';
    const patched: Event = { type: 'TargetsObserved', changes: [{ uid: 'one', to: 'patched' }] };
    const told = () => storyOf(...DELIVERING, started('one'));
    const seen = report(told(), plane('one', NEW));
    holds(name, seen, next(seen, patched));
    const silent = told();
    breaks(name, silent, next(silent, patched)).toMatch('no report since it was told');
    const old = report(told(), plane('one', OLD));
    breaks(name, old, next(old, patched)).toMatch('no report since');
    const ill = report(told(), plane('one', NEW, { unhealthy: 'down' }));
    breaks(name, ill, next(ill, patched)).toMatch('no report since');
    const late: Event = { type: 'TargetsObserved', changes: [{ uid: 'one', to: 'patched', ill: true }] };
    holds(name, ill, next(ill, late));
    breaks(name, old, next(old, late)).toMatch('no report since');
    const before = report(storyOf(...DELIVERING), plane('one', NEW));
    before.heardAt.set('mc-1', '2026-03-02T03:00:00.000Z');
    tellRow(before, next(before, started('one')));
    breaks(name, before, next(before, patched)).toMatch('no report since');
  });

  test('counts a coverage that does not add up or was not seen', () => {
    const name = 'coverage adds up and counts only what was seen';
    const story = report(storyOf(...DELIVERING), plane('one', NEW), plane('two', OLD));
    const ended = (over: object): Event => ({
      type: 'RolloutEnded',
      because: 'over',
      coverage: { ...coverage, ...over },
    });
    holds(name, story, next(story, ended({})));
    breaks(name, story, next(story, ended({ waiting: 0 }))).toMatch('2 are exposed, and 1 are accounted for');
    breaks(name, story, next(story, ended({ percent: 100 }))).toMatch('100 %');
    breaks(name, story, next(story, ended({ patched: 2, waiting: 0, percent: 100 }))).toMatch(
      'and 1 were seen',
    );
    const quiet = report(storyOf(...DELIVERING), plane('one', NEW), plane('two', OLD));
    quiet.heardAt.set('mc-1', LONG_AGO);
    breaks(name, quiet, next(quiet, ended({}))).toMatch('1 patched, and 0 were seen');
    tellReport(story, { ...SAYS_NOTHING, lost: ['one'] }, NOW);
    holds(name, story, next(story, ended({})));
    story.lostAt.set('one', LONG_AGO);
    breaks(name, story, next(story, ended({}))).toMatch('and 0 were seen');
  });

  test('takes an earlier fix away', () => {
    const name = 'a later fix keeps an earlier one';
    const story = report(storyOf(...DELIVERING), plane('one', OLD));
    holds(name, story, next(story, started('one')));
    story.images.set(OLD, { digest: OLD, component: 'cpo', release: 'r', fixes: ['FIX-7'] });
    const earlier = { ...story.fixes.get(FIX)!, id: 'FIX-7' as FixId };
    story.fixes.set('FIX-7', earlier);
    breaks(name, story, next(story, started('one'))).toMatch('one is to lose FIX-7 by FIX-1');
    story.fixes.set('FIX-7', { ...earlier, closed: { as: 'done', by: 'ann', at: NOW } });
    holds(name, story, next(story, started('one')));
  });

  test('is tried here for every rule there is', () => {
    expect([...tested].sort()).toEqual(Object.keys(ROW_CHECKS).sort());
  });
});
