import { expect, test } from 'vitest';
import type { ChecklistItemView, RolloutRow } from '../../src/core/views/fix-view.ts';
import type { PlanView } from '../../src/core/views/plan-view.ts';
import { type Asked, questionOf } from './asked-act.ts';

const row = (name: string): RolloutRow => ({
  name,
  targets: 1,
  done: 1,
  failed: 0,
  unknown: 0,
  inFlight: 0,
  rolledBack: 0,
  state: 'rolling',
});
const coverage = {
  exposed: 9,
  patched: 4,
  waiting: 5,
  excluded: 0,
  unknown: 0,
  native: 0,
  unaffected: 0,
  percent: 44,
  patchedLastHour: 4,
  notInPlan: 0,
};
const on = { id: 'FIX-1', halted: false, rollout: [row('one-box'), row('eu')], coverage } as const;
const plan = {
  id: 'P-0badcafe',
  fix: 'FIX-1',
  inPlan: 640,
  managementClusters: 9,
  component: 'cpo',
  oneBox: 12,
  harmBudget: 100,
  needs: { count: 2, role: 'approver', given: [], notBy: 'ana' },
} as unknown as PlanView;

const ask = (asked: Asked, halted = false) => questionOf(asked, { ...on, halted });

test('a start needs a reason only where a rollout was halted before', () => {
  expect(ask({ act: 'start', plan })).toMatchObject({
    reason: 'optional',
    verb: 'Start P-0badcafe: 640 control planes',
  });
  expect(ask({ act: 'start', plan }).request('')).toEqual({ do: 'start', plan: 'P-0badcafe' });
  const again = ask({ act: 'start', plan }, true);
  expect(again.reason).toBe('needed');
  expect(again.request('the probe was wrong')).toEqual({
    do: 'start',
    plan: 'P-0badcafe',
    reason: 'the probe was wrong',
  });
  expect(again.command).toBe('fleetfix start FIX-1 --plan P-0badcafe --reason TEXT');
});

test('only what narrows goes without the version that was seen', () => {
  const asked: Asked[] = [
    { act: 'start', plan },
    { act: 'approve', plan },
    { act: 'advance', stage: 'eu' },
    { act: 'decline', plan },
    { act: 'rollback' },
    { act: 'rollback', stage: 'eu' },
  ];
  expect(asked.map((one) => ask(one).isSafe)).toEqual([false, false, false, true, true, true]);
});

test('a stage is named in what is asked, sent and shown as a command', () => {
  const advance = ask({ act: 'advance', stage: 'eu' });
  expect(advance.request('enough seen')).toEqual({ do: 'advance', stage: 'eu', reason: 'enough seen' });
  expect(advance.command).toBe('fleetfix advance FIX-1 --from eu --reason TEXT');
  const back = ask({ act: 'rollback', stage: 'eu' });
  expect(back.request('odd')).toEqual({ do: 'rollback', stage: 'eu', reason: 'odd' });
  expect(back.typed).toBeUndefined();
  expect(back.tells.join(' ')).toContain('started early, in the one-box');
});

test('rolling back the whole says what is exposed again, and asks for the name of the fix', () => {
  const back = ask({ act: 'rollback' });
  expect(back.typed).toBe('FIX-1');
  expect(back.tells[0]).toContain('4 patched control planes will be exposed again');
  expect(back.request('it makes things worse')).toEqual({ do: 'rollback', reason: 'it makes things worse' });
});

const item = (over: Partial<ChecklistItemView>): ChecklistItemView => ({
  name: 'advisory',
  kind: 'advisory',
  state: 'open',
  because: 'no link yet',
  who: 'engineer',
  ...over,
});

test.each(['pull-request', 'link', 'advisory'] as const)('a %s is shown by an address', (kind) => {
  const question = ask({ act: 'show', item: item({ kind }) });
  expect(question).toMatchObject({ label: 'Address', reason: 'needed', isSafe: true });
  expect(question.request('https://x')).toEqual({ do: 'show', item: 'advisory', link: 'https://x' });
});

test.each(['word', 'tests'] as const)('%s: somebody says so in a note', (kind) => {
  const question = ask({ act: 'show', item: item({ kind, who: 'qe' }) });
  expect(question.tells.join(' ')).toContain('by the word of qe');
  expect(question.request('TP-7')).toEqual({ do: 'show', item: 'advisory', note: 'TP-7' });
});

test('an item is waived with a reason, on the version that was seen', () => {
  const question = ask({ act: 'waive-item', item: item({}) });
  expect(question).toMatchObject({ reason: 'needed', isDanger: true, isSafe: false });
  expect(question.tells[0]).toBe('It is open: no link yet.');
  expect(question.request('why')).toEqual({ do: 'waive-item', item: 'advisory', reason: 'why' });
});

test('a hand-off is acknowledged with a note or without one, whatever has happened since', () => {
  const handOff = { at: '', digests: ['sha256:1', 'sha256:2'], told: [], text: 'quinn told' } as const;
  const question = ask({ act: 'acknowledge', handOff });
  expect(question).toMatchObject({ label: 'Note', reason: 'optional', isSafe: true });
  expect(question.tells).toEqual([
    'Hand-off: quinn told.',
    expect.stringContaining('2 images of FIX-1 wait for'),
  ]);
  expect(question.request('')).toEqual({ do: 'acknowledge' });
  expect(question.request('soon')).toEqual({ do: 'acknowledge', note: 'soon' });
});
