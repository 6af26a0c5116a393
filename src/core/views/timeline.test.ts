// Goal: every event is a sentence. The table is exhaustive by its type: a new event without a row does not compile.
import { describe, expect, test } from 'vitest';
import { coverageOf } from '../coverage/standing.ts';
import type { Event } from '../life/event.ts';
import { assemblyOf, DECLARATION, lineOf, minute, proven } from '../life/testing.ts';
import { sentence, timelineOf } from './timeline.ts';

const COMMIT = '0123456789abcdef0123456789abcdef01234567';
const DIGEST = `sha256:${'ab'.repeat(32)}` as const;
const PLAN = 'P-0000abcd';
const coverage = { ...coverageOf([]), exposed: 9, patched: 7, excluded: 2 };

const COUNTS = {
  e: 1,
  treated: 0,
  controls: 9,
  seen: 0,
  failed: 0,
  unknown: 0,
  rateAtMost: 1,
  room: 12,
  oneBox: true,
  background: 0,
};

type Rows = {
  readonly [T in Event['type']]: readonly (readonly [Omit<Extract<Event, { type: T }>, 'type'>, string])[];
};
const ROWS: Rows = {
  Declared: [
    [DECLARATION, 'declared, critical, INC-1: drop the leaked watch'],
    [
      { title: 't', severity: 'high', reason: 'r', change: DECLARATION.change, component: 'c', policy: 'p' },
      'declared, high: t',
    ],
  ],
  LineAssembled: [
    [
      { line: lineOf('4.19.1'), assembly: assemblyOf('conflict') },
      'line 4.19.1 assembled: conflict (it is conflict)',
    ],
  ],
  LineEmptied: [[{ line: 'l' }, 'line l has no control planes any more']],
  LinePrepared: [
    [
      { line: lineOf('4.20.1', { release: COMMIT, targets: 0 }) },
      'line 4.20.1 prepared: 0123456789ab, before a control plane is on it',
    ],
  ],
  LineReached: [
    [{ line: 'l', targets: 1 }, 'line l was prepared, and 1 control plane came to it'],
    [{ line: 'l', targets: 3 }, 'line l was prepared, and 3 control planes came to it'],
  ],
  LineNotAffected: [[{ line: 'l', reason: 'no such path' }, 'line l is not affected: no such path']],
  PrerequisitesChosen: [
    [{ line: 'l', commits: [COMMIT] }, 'line l: 1 prerequisite chosen: 0123456789ab'],
    [{ line: 'l', commits: [COMMIT, COMMIT] }, 'line l: 2 prerequisites chosen: 0123456789ab, 0123456789ab'],
    [{ line: 'l', commits: [] }, 'line l to be assembled again'],
  ],
  ProposalAccepted: [
    [{ line: 'l', kind: 'adjacent', tree: COMMIT }, 'line l: proposal taken: adjacent, tree 0123456789ab'],
  ],
  BuildStarted: [[{ line: 'l', commit: COMMIT }, 'line l: build of 0123456789ab started']],
  Built: [
    [
      { line: 'l', commit: COMMIT, digest: DIGEST, tookMs: 1 },
      'line l: built sha256:abababababab… from 0123456789ab',
    ],
  ],
  HandedOff: [
    [
      { digests: [DIGEST], told: [{ step: 0, role: 'qe', people: ['quinn', 'ravi'] }] },
      '1 image handed off: quinn, ravi (qe)',
    ],
    [{ digests: [DIGEST], told: [] }, '1 image handed off: nobody could be told'],
  ],
  HandOffEscalated: [
    [{ step: 1, role: 'on-call', people: ['ana'] }, 'nobody had acknowledged: ana (on-call) told'],
  ],
  HandOffUnheard: [[{ said: 'NOBODY IS LEFT TO TELL: quinn told' }, 'NOBODY IS LEFT TO TELL: quinn told']],
  HandOffAcknowledged: [
    [{}, 'hand-off acknowledged'],
    [{ note: 'in an hour' }, 'hand-off acknowledged: in an hour'],
  ],
  DebtOverdue: [
    [
      { gate: 'perf', line: 'l', owner: 'qe', dueAt: '2026-03-02T04:32:00.000Z' },
      'gate perf on l is OVERDUE since 2026-03-02 04:32Z: qe sees to it',
    ],
  ],
  BuildFailed: [
    [
      { line: 'l', commit: COMMIT, because: 'no space', tookMs: 1 },
      'line l: build of 0123456789ab failed: no space',
    ],
  ],
  StageRetried: [[{ stage: 'proof' }, 'proof retried']],
  GateRan: [
    [{ gate: 'bvt', line: 'l', digest: DIGEST, result: 'pass', tookMs: 1 }, 'line l: gate bvt pass'],
    [
      { gate: 'bvt', line: 'l', digest: DIGEST, result: 'fail', note: '2 of 9', tookMs: 1 },
      'line l: gate bvt fail: 2 of 9',
    ],
  ],
  Attested: [
    [
      { gate: 'smoke', line: 'l', digest: DIGEST, result: 'pass', note: 'fine' },
      'line l: gate smoke attested pass: fine',
    ],
  ],
  Waived: [
    [
      { gate: 'perf', reason: 'no lab', expiresAt: minute(60) },
      'gate perf waived until 2026-11-21 21:00Z: no lab',
    ],
    [
      {
        gate: 'perf',
        reason: 'no lab',
        expiresAt: minute(60),
        cut: { waiting: 45, skipping: 1.2, because: 'as weighed' },
      },
      'gate perf waived until 2026-11-21 21:00Z: no lab (waiting: 45 more break, passing over it: at most 1.2)',
    ],
  ],
  Proven: [[{}, 'proven: every blocking gate is open on every line']],
  Approved: [[{ plan: PLAN, hash: 'h' }, 'plan P-0000abcd approved']],
  ApprovalCompleted: [[{ plan: PLAN }, 'plan P-0000abcd has every approval it needs']],
  Declined: [[{ plan: PLAN, reason: 'friday' }, 'plan P-0000abcd declined: friday']],
  RolloutStarted: [[{ plan: PLAN, hash: 'h' }, 'rollout of plan P-0000abcd started']],
  StageOpened: [
    [{ stage: 1, name: 'canary', size: 1 }, 'stage canary opened, 1 control plane'],
    [{ stage: 2, name: 'rest', size: 30 }, 'stage rest opened, 30 control planes'],
  ],
  TargetsStarted: [[{ targets: ['a', 'b'], because: 'room for 2' }, '2 control planes told: room for 2']],
  TargetsObserved: [
    [
      {
        changes: [
          { uid: 'a', to: 'patched' },
          { uid: 'b', to: 'failed' },
          { uid: 'c', to: 'patched' },
        ],
      },
      '2 patched, 1 failed',
    ],
  ],
  StagePassed: [[{ stage: 1, because: 'soaked' }, 'stage 1 passed']],
  OthersObserved: [
    [{ changes: [{ uid: 'a', seen: { unwell: 'etcd' } }] }, 'seen of those not started: 1 change'],
  ],
  Decided: [
    [
      { because: '12 start: the one-box', counts: COUNTS, episodes: { treated: [], control: [] } },
      'decided: 12 start: the one-box',
    ],
  ],
  SlowBurnSeen: [
    [
      { because: '9 late episodes, 1 expected', e: 120, episodes: 9, expected: 1 },
      'slow burn: 9 late episodes, 1 expected',
    ],
  ],
  Paused: [[{ reason: 'looks odd' }, 'paused: looks odd']],
  Resumed: [[{ reason: 'was the network' }, 'resumed: was the network']],
  Advanced: [[{ stage: 1, reason: 'burning' }, 'the wait of stage 1 ended by hand: burning']],
  Halted: [[{ because: '2 failed' }, 'halted: 2 failed']],
  TargetsRolledBack: [[{ targets: ['a'], because: 'halted' }, '1 control plane told to go back: halted']],
  RolloutTakenUp: [[{ plan: PLAN }, 'rollout of the earlier plan P-0000abcd taken up again, to go back']],
  RollbackAsked: [[{ targets: ['a', 'b'], reason: 'r' }, 'rollback of 2 control planes asked: r']],
  Excluded: [
    [{ uid: 'u', name: 'cp-7', until: minute(60), reason: 'r' }, 'cp-7 excluded until 2026-11-21 21:00Z: r'],
  ],
  Covered: [[{ coverage }, 'covered: 7 of 9 patched, 2 accounted for by name']],
  PersonAwaited: [[{ stage: 'proof', for: 'gate smoke' }, 'proof waits for a person: gate smoke']],
  RolloutEnded: [[{ because: 'all are back', coverage }, 'rollout ended: all are back']],
  RetirementStarted: [[{}, 'retirement started']],
  OverridesDropped: [[{ targets: ['a'] }, '1 override told to go']],
  OverridesGone: [[{ targets: ['a', 'b'] }, '2 overrides gone']],
  RetirementBroke: [
    [
      { targets: [{ uid: 'uid-a', because: 'API server unavailable' }] },
      '1 control plane broke without the override: API server unavailable',
    ],
  ],
  Retired: [
    [{ kept: [] }, 'retired'],
    [
      { kept: [{ uid: 'u', name: 'n', because: 'b' }] },
      'retired; 1 override kept: their release lacks the fix',
    ],
  ],
  ItemShown: [
    [
      { item: 'docs', link: 'https://docs.example.com/7' },
      'checklist: docs shown: https://docs.example.com/7',
    ],
    [{ item: 'plan', note: 'TP-7' }, 'checklist: plan shown: TP-7'],
  ],
  LinkChecked: [
    [
      { item: 'docs', link: 'https://docs.example.com/7', result: 'fail', because: 'it answers 404' },
      'checklist: link of docs fail: it answers 404',
    ],
  ],
  ItemWaived: [[{ item: 'docs', reason: 'no page' }, 'checklist: docs waived: no page']],
  Closed: [[{ as: 'superseded-by=FIX-2' }, 'closed: superseded-by=FIX-2']],
  Withdrawn: [[{ reason: 'was not it' }, 'withdrawn: was not it']],
};

describe('a sentence', () => {
  const all = Object.entries(ROWS).flatMap(([type, rows]) =>
    rows.map(([rest, text]) => [type, { type, ...rest } as Event, text] as const),
  );
  test.each(all)('for %s', (_type, event, text) => {
    expect(sentence({ event })).toBe(text);
  });
});

test('the timeline is the record in order, with who, from where and what they had seen', () => {
  const { rows } = proven();
  const timeline = timelineOf(rows);
  expect(timeline.map((t) => t.version)).toEqual(rows.map((r) => r.version));
  expect(timeline[0]).toEqual({
    seq: 1,
    version: 1,
    at: minute(0),
    author: 'ana',
    surface: 'cli',
    type: 'Declared',
    text: 'declared, critical, INC-1: drop the leaked watch',
  });
  expect(timeline[1]).toMatchObject({ author: 'fleetfix', surface: 'hub', seen: 1 });
});
