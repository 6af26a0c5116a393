// Goal: what a fix is after its events. A row is a story in words and the state it leads to.
import { describe, expect, test } from 'vitest';
import type { Assembly } from '../assembly/assembly.ts';
import { coverageOf } from '../coverage/standing.ts';
import type { Event } from './event.ts';
import { evolve, fold } from './evolve.ts';
import {
  assemblyOf,
  commitOf,
  declared,
  digestOf,
  lineOf,
  lineReady,
  minute,
  proven,
  type Story,
  T0,
  tell,
  wait,
} from './testing.ts';

const COMMIT = commitOf('candidate');
const PLAN = 'P-00000001';
const OTHER = 'P-00000002';
const EVENTS: Readonly<Record<string, Event>> = {
  clean: { type: 'LineAssembled', line: lineOf('4.19.1'), assembly: assemblyOf('clean', { commit: COMMIT }) },
  clean2: {
    type: 'LineAssembled',
    line: lineOf('4.20.1'),
    assembly: assemblyOf('clean', { commit: COMMIT }),
  },
  broken2: { type: 'BuildFailed', line: '4.20.1', commit: COMMIT, because: 'r', tookMs: 1 },
  conflict: { type: 'LineAssembled', line: lineOf('4.20.1'), assembly: assemblyOf('conflict') },
  contained: { type: 'LineAssembled', line: lineOf('4.20.1'), assembly: assemblyOf('contained') },
  reverted: {
    type: 'LineAssembled',
    line: lineOf('4.20.1'),
    assembly: assemblyOf('contained', { contained: { how: [], gitReverted: true } }),
  },
  emptied: { type: 'LineEmptied', line: '4.20.1' },
  unaffected: { type: 'LineNotAffected', line: '4.20.1', reason: 'r' },
  building: { type: 'BuildStarted', line: '4.19.1', commit: COMMIT },
  built: { type: 'Built', line: '4.19.1', commit: COMMIT, digest: digestOf('x'), tookMs: 1 },
  broken: { type: 'BuildFailed', line: '4.19.1', commit: COMMIT, because: 'r', tookMs: 1 },
  again: { type: 'PrerequisitesChosen', line: '4.19.1', commits: [commitOf('p')] },
  proven: { type: 'Proven' },
  approved: { type: 'ApprovalCompleted', plan: PLAN },
  approved2: { type: 'ApprovalCompleted', plan: OTHER },
  declined: { type: 'Declined', plan: PLAN, reason: 'r' },
  declined2: { type: 'Declined', plan: OTHER, reason: 'r' },
  started: { type: 'RolloutStarted', plan: PLAN, hash: '' },
  started2: { type: 'RolloutStarted', plan: OTHER, hash: '' },
  told: { type: 'TargetsStarted', targets: ['a'], because: 'r' },
  paused: { type: 'Paused', reason: 'r' },
  halted: { type: 'Halted', because: 'r' },
  back: { type: 'RollbackAsked', targets: ['a'], reason: 'r' },
  over: { type: 'RolloutEnded', because: 'r', coverage: coverageOf([]) },
  covered: { type: 'Covered', coverage: coverageOf([]) },
  retiring: { type: 'RetirementStarted' },
  retired: { type: 'Retired', kept: [] },
  closed: { type: 'Closed', as: 'done' },
  withdrawn: { type: 'Withdrawn', reason: 'r' },
};
/** One event a minute. */
function story(words: string): Story {
  const it = declared();
  for (const w of words.split(' ').filter(Boolean)) tell(wait(it, 60_000), 'fleetfix', EVENTS[w]!);
  return it;
}

describe('the state of a fix', () => {
  test.each([
    ['', 'declared'],
    ['conflict', 'declared'],
    ['clean', 'assembled'],
    ['clean conflict', 'declared'],
    ['clean conflict unaffected', 'assembled'],
    ['clean conflict emptied', 'assembled'],
    ['clean reverted', 'declared'],
    ['clean contained', 'assembled'],
    ['contained', 'assembled'],
    ['clean building', 'assembled'],
    ['clean broken', 'assembled'],
    ['clean built', 'built'],
    ['clean built conflict', 'declared'],
    ['clean built proven', 'proven'],
    ['clean built proven again', 'declared'],
    ['clean built proven conflict', 'declared'],
    ['clean built proven approved', 'approved'],
    ['clean built proven approved declined', 'proven'],
    ['clean built proven approved declined2', 'approved'],
    ['clean built proven approved started', 'delivering'],
    ['clean built proven approved started told paused', 'delivering'],
    ['clean built proven approved started told halted', 'delivering'],
    ['clean built proven approved started told halted over', 'proven'],
    ['clean built proven approved started told halted over approved2', 'approved'],
    ['clean built proven approved started told covered', 'covered'],
    ['clean built proven approved started told covered approved2', 'covered'],
    ['clean built proven approved started told covered approved2 started2', 'delivering'],
    ['clean built proven approved started told covered back', 'delivering'],
    ['clean built proven approved started told covered halted back over', 'proven'],
    ['clean built proven approved started told covered retiring', 'covered'],
    ['clean built proven approved started told covered retiring retired', 'retired'],
    ['clean built proven approved started told covered closed', 'closed'],
    ['clean withdrawn', 'withdrawn'],
  ])('after "%s" is %s', (words, state) => {
    const it = story(words);
    expect(it.fix.state).toBe(state);
    const changed = it.rows.findLast(
      (row) => fold(it.rows.slice(0, row.version))!.state !== fold(it.rows.slice(0, row.version - 1))?.state,
    );
    expect(it.fix.stateAt).toBe(changed!.at);
  });
});

describe('an approval', () => {
  test('is used up by the start it was given for, and another one is not', () => {
    expect(story('clean built proven approved started').fix.approved).toBeUndefined();
    expect(story('clean built proven approved started approved2 covered').fix.approved?.plan).toBe(OTHER);
  });
});

describe('a line', () => {
  test('keeps its build only while the candidate is the same commit', () => {
    const same = story('clean built clean').fix.lines['4.19.1'];
    expect(same?.build?.state).toBe('done');
    const other = tell(story('clean built'), 'fleetfix', {
      type: 'LineAssembled',
      line: lineOf('4.19.1'),
      assembly: assemblyOf('clean', { commit: commitOf('other') }),
    });
    expect(other.fix.lines['4.19.1']?.build).toBeUndefined();
  });

  test('that was empty and is assembled again has control planes again', () => {
    expect(story('conflict emptied').fix.lines['4.20.1']?.emptied).toBe(true);
    expect(story('conflict emptied conflict').fix.lines['4.20.1']?.emptied).toBeUndefined();
  });
});

describe('the clocks', () => {
  const clock = (it: Story, stage: string) => it.fix.clocks.find((c) => c.stage === stage);

  test('of a fix that is closed keep the ends they had', () => {
    const it = story('clean building built proven approved started covered');
    const ends = it.fix.clocks.map((c) => c.endedAt);
    tell(wait(it, 3_600_000), 'eve', { type: 'Closed', as: 'superseded-by=FIX-2' });
    expect(it.fix.clocks.map((c) => c.endedAt)).toEqual(ends);
  });

  test('of the approval wait for people from proven to approved, and again when the plan is declined', () => {
    expect(clock(story('clean built proven'), 'approval')).toMatchObject({
      personSince: minute(3),
      personFor: 'approval of a plan',
    });
    expect(clock(story('clean built proven approved'), 'approval')).toMatchObject({
      peopleMs: 60_000,
      machineMs: 0,
      endedAt: minute(4),
    });
    const declined = story('clean built proven approved declined');
    expect(clock(declined, 'approval')).toMatchObject({ personFor: 'approval of a plan' });
    expect(clock(declined, 'approval')?.endedAt).toBeUndefined();
    expect(clock(declined, 'rollout')?.endedAt).toBe(minute(5));
  });

  test('of the build end with the last image there is, or where time was booked since, never before that', () => {
    const it = story('clean clean2 building built broken2');
    wait(it, 60_000);
    tell(it, 'fleetfix', { type: 'PersonAwaited', stage: 'build', for: 'retry' });
    wait(it, 60_000);
    tell(it, 'ana', EVENTS.unaffected!);
    const { startedAt, endedAt, machineMs, peopleMs } = clock(it, 'build')!;
    expect({ startedAt, endedAt, machineMs, peopleMs }).toEqual({
      startedAt: minute(3),
      endedAt: minute(6),
      machineMs: 3 * 60_000,
      peopleMs: 0,
    });
    const waited = story('clean building built conflict');
    tell(waited, 'ana', EVENTS.unaffected!);
    expect(clock(waited, 'build')).toMatchObject({ endedAt: minute(3), machineMs: 60_000 });
  });

  test('of the approval do not start again for lines that follow an approved plan', () => {
    expect(clock(story('clean built approved proven started'), 'approval')?.endedAt).toBe(minute(3));
  });

  test('of a rollout do not wait for the start of another plan, nor for a resume once it was halted', () => {
    const it = story('clean built proven approved started approved2');
    expect(clock(it, 'rollout')?.personFor).toBeUndefined();
    expect(clock(story('clean built proven approved started paused'), 'rollout')?.personFor).toBe('resume');
    expect(
      clock(story('clean built proven approved started paused halted'), 'rollout')?.personFor,
    ).toBeUndefined();
  });
});

describe('hand steps', () => {
  test('count the acts of people, one an act however many events it made', () => {
    const it = declared();
    expect(it.fix.handSteps).toBe(1);
    tell(it, 'fleetfix', ...lineReady('FIX-1', '4.19.1'));
    expect(it.fix.handSteps).toBe(1);
    tell(
      wait(it, 1),
      'bob',
      { type: 'Approved', plan: PLAN, hash: '' },
      { type: 'ApprovalCompleted', plan: PLAN },
    );
    expect(it.fix.handSteps).toBe(2);
    tell(wait(it, 1), 'bob', { type: 'Declined', plan: PLAN, reason: 'r' });
    expect(it.fix.handSteps).toBe(3);
  });
});

describe('a broken ledger', () => {
  test('is not folded: the first event declares, and versions follow one another', () => {
    const { rows } = proven();
    expect(() => evolve(undefined, rows[1]!)).toThrow('FIX-1: event 2 does not follow version 0');
    expect(() => evolve(undefined, { ...rows[1]!, version: 1 })).toThrow(
      'FIX-1: begins with LineAssembled, not Declared',
    );
    expect(() => fold([rows[0]!, rows[2]!])).toThrow('FIX-1: event 3 does not follow version 1');
    expect(fold([])).toBeUndefined();
  });

  test('is caught up from any version to the same fix', () => {
    const { rows, fix } = proven();
    for (let i = 1; i <= rows.length; i += 1)
      expect(fold(rows.slice(i), fold(rows.slice(0, i)))).toEqual(fix);
  });
});

test('a pause belongs to the rollout it was made in', () => {
  const it = story('clean built proven approved started paused halted over approved2 started2');
  expect(it.fix.rollout).toMatchObject({ plan: OTHER, halts: 1, startedAt: minute(10) });
  expect(it.fix.rollout?.paused).toBeUndefined();
  expect(it.fix.rollout?.halted).toBeUndefined();
  expect(it.fix.declaredAt).toBe(T0);
});

describe('a ledger written before conflicts were explained', () => {
  // As it stands in ledgers: no class and no hunks; a proposal had files and lines of its own and no kind but one.
  const recorded = {
    ...assemblyOf('conflict'),
    conflicts: [{ path: 'vendor/a.go', kind: 'content', picking: COMMIT }],
    proposals: [
      {
        kind: 'prerequisites',
        commits: [COMMIT],
        subjects: ['split'],
        files: 2,
        lines: 9,
        tree: commitOf('t'),
      },
    ],
  } as unknown as Assembly;
  const old = (assembly: Assembly) =>
    tell(declared(), 'fleetfix', { type: 'LineAssembled', line: lineOf('4.19.1'), assembly }).fix.lines[
      '4.19.1'
    ]!.assembly!;

  test('is read as if it said what it can', () => {
    expect(old(recorded).conflicts).toEqual([
      { path: 'vendor/a.go', kind: 'content', class: 'generated', picking: COMMIT, hunks: [] },
    ]);
    expect(old(recorded).proposals).toEqual([
      {
        kind: 'prerequisites',
        outcome: 'clean',
        commits: [COMMIT],
        subjects: ['split'],
        tree: commitOf('t'),
        passengers: { commits: 1, files: 2, lines: 9 },
        left: [],
        look: [],
      },
    ]);
  });

  test('and what is whole is taken as it is', () => {
    const whole = assemblyOf('conflict');
    expect(old(whole)).toBe(whole);
  });
});
