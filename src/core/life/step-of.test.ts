// Goal: what people are told of a step: why, what is waited for, since when, who can end it, and when to ask again.
// The rollout is written down by hand, a target a glyph; they are called a, b, c … in the plan's order.
import { describe, expect, test } from 'vitest';
import { MINUTE } from '../base/instant.ts';
import { type Pace, paceOf, USUAL } from '../pace/pace.ts';
import type { SeenOther } from '../rollout/observed.ts';
import type { Plan } from '../rollout/plan.ts';
import type { Step } from '../rollout/step.ts';
import type { Rollout, ToldTarget } from './fix.ts';
import { stepOf } from './step-of.ts';
import { digestOf, minute, T0 } from './testing.ts';
import { verdictOf } from './verdict-of.ts';

/** · waiting  h held by an upgrade  f frozen  x gone  ▸ starting  ✓ running  ? silent  ✗ failed  ◂ going back  ○ back */
const TOLD: Readonly<Record<string, Partial<ToldTarget>>> = {
  '▸': { state: 'starting' },
  '✓': { state: 'patched', ranAt: T0 },
  '?': { state: 'silent' },
  '✗': { state: 'failed', broke: true, brokeAt: T0 },
  '◂': { state: 'rolling back', broke: true },
  '○': { state: 'rolled back', broke: true },
};
const SEEN: Readonly<Record<string, SeenOther>> = {
  h: { hold: 'an upgrade is running' },
  f: { hold: 'frozen (sale)' },
  x: { out: 'gone' },
};

type Scene = {
  readonly see: string;
  readonly at?: number;
  readonly soakMinutes?: number;
  readonly approval?: boolean;
  readonly pace?: Partial<Pace>;
  readonly rollout?: Partial<Rollout>;
  readonly limits?: Partial<Plan['limits']>;
  readonly name?: (i: number) => string;
};

const letter = (i: number): string => String.fromCharCode('a'.charCodeAt(0) + i);

function sceneOf(scene: Scene): { plan: Plan; rollout: Rollout } {
  const { name = letter, soakMinutes = 10, approval = false } = scene;
  const stages = scene.see.split('|').map((stage) => stage.trim().split(/\s+/));
  const glyphs = stages.flat();
  const plan: Plan = {
    id: 'P-00000001',
    hash: '',
    fix: 'FIX-1',
    policy: 'p',
    at: T0,
    validUntil: minute(600),
    leftOut: [],
    controls: [],
    targets: stages.flatMap((stage, s) =>
      stage.map((_, i) => {
        const uid = name(stages.slice(0, s).flat().length + i);
        const member = {
          region: 'eu',
          customer: uid,
          stratum: 'aws 4.19',
          managementCluster: `mc of ${uid}`,
        };
        const images = { line: 'l', digest: digestOf('fix'), from: digestOf('release') };
        return { uid, name: uid, component: 'cpo', stage: s + 1, ...member, ...images };
      }),
    ),
    stages: stages.map((stage, s) => ({
      name: `s${s + 1}`,
      size: stage.length,
      soakMs: soakMinutes * MINUTE,
      approval,
    })),
    pace: paceOf({ ...USUAL, harmBudget: 12, ...scene.pace }),
    urgency: { burning: 0, hazardPerHour: 0, computedBudget: 12, because: 'none burn' },
    limits: { unknownMax: 0, convergeWithinMs: 20 * MINUTE, silentAfterMs: 10 * MINUTE, ...scene.limits },
  };
  const told = glyphs.flatMap((glyph, i) => {
    const at = { since: T0, toldAt: T0, startedAt: T0, wave: 1, broke: false };
    return TOLD[glyph] ? [[name(i), { ...at, ...TOLD[glyph] } as ToldTarget] as const] : [];
  });
  const others = glyphs.flatMap((glyph, i) => (SEEN[glyph] ? [[name(i), SEEN[glyph]!] as const] : []));
  const rollout: Rollout = {
    plan: plan.id,
    startedAt: T0,
    startedBy: 'eve',
    halts: 0,
    haltedStrata: [],
    passed: [],
    opened: [],
    advanced: [],
    waves: 1,
    targets: Object.fromEntries(told),
    others: Object.fromEntries(others),
    burners: {},
    struck: {},
    late: [],
    episodes: { treated: [], control: [] },
    ...scene.rollout,
  };
  return { plan, rollout };
}
const step = (scene: Scene): Step => {
  const { plan, rollout } = sceneOf(scene);
  return stepOf(plan, rollout, minute(scene.at ?? 5));
};
const many = (glyph: string, count: number): string => Array(count).fill(glyph).join(' ');
const paused = { by: 'kim', reason: 'looks odd', at: T0 };
const halted = { because: '5 of 12 broke', at: T0 };

describe('the reason of a step', () => {
  test.each<[string, Scene, string]>([
    ['the one-box starts', { see: '· ·' }, '2 start: the one-box and those that burn'],
    ['targets are on their way', { see: '✓ ▸ | ·' }, 'waiting for 1 on their way'],
    ['a stage soaks', { see: '✓ ✓ | ·', at: 9 }, 'waiting for soak of s1: 10m'],
    [
      'a stage passes and the next starts',
      { see: '✓ ✓ | ·', at: 10 },
      'stage s1 passed; 1 start: the one-box and those that burn',
    ],
    ['a person is asked', { see: '✓ ✓ | ·', at: 60, approval: true }, 'waiting for approval after s1'],
    [
      'nothing of a stage came to run the image',
      { see: '○ | ·', at: 60 },
      'waiting for anything to run the image: nothing of s1 does',
    ],
    ['one failed', { see: '✗ · ·' }, '1 failed and go back; 2 start: the one-box and those that burn'],
    ['nothing is heard', { see: '✓ ? | ·', at: 60 }, 'waiting for a report from 1 silent'],
    ['it is over', { see: '✓ ✓', at: 60 }, 'stage s1 passed; every stage has passed'],
    [
      'it is over for those it can reach',
      { see: '✓ h', at: 60 },
      'stage s1 passed; every stage has passed; waiting for 1 held: an upgrade is running',
    ],
    ['a person paused', { see: '✓ ·', rollout: { paused } }, 'paused by kim: looks odd'],
    [
      'something failed during a pause',
      { see: '✗ ·', rollout: { paused } },
      'paused by kim: looks odd; 1 go back',
    ],
    ['it was halted', { see: '✓ ○', rollout: { halted } }, 'halted (5 of 12 broke); 1 to go back'],
    ['a halt is over', { see: '○ · x', rollout: { halted } }, 'halted (5 of 12 broke); all are back'],
  ])('where %s', (_what, scene, because) => {
    expect(step(scene).because).toBe(because);
  });

  test('names the evidence that more start by: what can fail at most, what is unknown, the budget', () => {
    const pace = { inFlightPerManagementCluster: 99 };
    expect(step({ see: `${many('✓', 12)} ${many('·', 14)}`, at: 60, pace }).because).toMatch(
      /^14 start: at most \d+ % can fail, \d\.\d+ of unknown outcome, budget 12$/,
    );
  });

  test('of a halt counts who broke and who was not changed, and names the evidence and its limit', () => {
    const see = `${many('✗', 6)} ${many('·', 20)}`;
    const episodes = { treated: ['a', 'b', 'c', 'd', 'e', 'f'], control: [] };
    const { halt, because } = step({ see, rollout: { episodes } });
    expect(halt?.because).toMatch(/^6 of 6 changed broke, 0 of 20 unchanged: evidence \d+ \(limit 100\)$/);
    expect(because).toBe(`halted (${halt!.because}); 6 to go back`);
  });
});

describe('what is waited for', () => {
  test('evidence, in healthy minutes of control planes, ends by itself and nobody can hurry it', () => {
    const { wait, askAgainAt } = step({ see: `${many('✓', 12)} ${many('·', 9)}`, at: 5 });
    expect(wait).toEqual([
      {
        for: 'evidence: 12 control planes healthy for 25 more min (300 cluster-minutes)',
        since: T0,
        endsAt: expect.any(String),
        whoCan: [],
      },
    ]);
    expect(wait[0]!.endsAt! > minute(29)).toBe(true);
    expect(wait[0]!.endsAt! <= minute(30.5)).toBe(true);
    expect(askAgainAt).toBe(wait[0]!.endsAt);
  });

  test('more starts at the end of that wait, and not before', () => {
    const scene = { see: `${many('✓', 12)} ${many('·', 9)}` };
    const { plan, rollout } = sceneOf(scene);
    const endsAt = stepOf(plan, rollout, minute(5)).wait[0]!.endsAt!;
    expect(stepOf(plan, rollout, endsAt).start.length).toBeGreaterThan(0);
    expect(step({ ...scene, at: 29 }).start).toEqual([]);
  });

  test('a soak ends by itself, and an operator may end it', () => {
    const { wait, askAgainAt } = step({ see: '✓ | ·' });
    expect(wait).toEqual([
      { for: 'soak of s1: 10m', since: T0, endsAt: minute(10), whoCan: ['operator', 'on-call'] },
    ]);
    expect(askAgainAt).toBe(minute(10));
  });

  test('a target on its way is asked about again when it has had long enough', () => {
    const { wait, askAgainAt } = step({ see: '▸ | ·' });
    expect(wait).toEqual([{ for: '1 on their way', since: T0, endsAt: minute(20), whoCan: [] }]);
    expect(askAgainAt).toBe(minute(20));
  });

  test('one that goes back takes as long as it takes, until its order runs out', () => {
    const later = step({ see: '◂ ✓', at: 30 });
    expect(later.wait[0]).toEqual({ for: '1 on their way', since: T0, whoCan: [] });
    expect(later.askAgainAt).toBe(minute(60));
    expect(step({ see: '◂ ✓', at: 60 }).rollback).toEqual(['a']);
  });

  test('held targets are named by what holds them, most first, and looked at again', () => {
    const { wait, askAgainAt } = step({ see: 'h f h | h' });
    expect(wait.map((w) => w.for)).toEqual([
      'anything to run the image: nothing of s1 does',
      '2 held: an upgrade is running',
      '1 held: frozen (sale)',
    ]);
    expect(askAgainAt).toBe(minute(10));
  });

  test('a person who paused is named, and it is asked again when one on its way has had long enough', () => {
    const { wait, askAgainAt } = step({ see: '▸ ·', rollout: { paused } });
    expect(wait).toEqual([
      { for: 'resume: paused by kim (looks odd)', since: T0, whoCan: ['operator', 'on-call'] },
    ]);
    expect(askAgainAt).toBe(minute(20));
  });

  test('nothing where all is done, and nothing asks again', () => {
    const { wait, askAgainAt } = step({ see: '○ x', rollout: { halted } });
    expect([wait, askAgainAt]).toEqual([[], undefined]);
  });
});

test('the same plan, rollout and time give the same step, whatever the targets are called', () => {
  const odd = (i: number): string => `${9999 - i * 7}-${letter((i * 5) % 26)}`;
  const sees = [`${many('✓', 12)} ${many('·', 9)} ? ▸ h`, '✗ ✗ · · | ·', '✓ · ◂ ○ x', '▸ ▸ ✓ | · ·'];
  for (const see of sees)
    for (const at of [5, 31, 61]) {
      const [plain, renamed] = [step({ see, at }), step({ see, at, name: odd })];
      const back = (uids: readonly string[]) =>
        uids.map((uid) => letter(Number((9999 - Number.parseInt(uid, 10)) / 7)));
      expect({ ...renamed, start: back(renamed.start), rollback: back(renamed.rollback) }).toEqual(plain);
    }
});

describe('the verdict', () => {
  const verdict = (scene: Scene) => {
    const { plan, rollout } = sceneOf(scene);
    return verdictOf(stepOf(plan, rollout, minute(scene.at ?? 5)), rollout, plan);
  };

  test.each<[string, Scene, string, string | RegExp]>([
    ['before anything runs', { see: '▸ ·' }, 'not enough data', 'no control plane runs the image yet'],
    [
      'of a young one-box',
      { see: many('✓', 12), at: 30 },
      'not enough data',
      /^at most \d\d % can fail; 0 broke/,
    ],
    ['of an old one', { see: many('✓', 30), at: 600 }, 'not worse', /^at most \d+ % can fail; 0 broke/],
    ['after a halt', { see: '✓ ○', rollout: { halted } }, 'worse', '5 of 12 broke'],
    [
      'after a halt of one stratum',
      { see: '✓ ○', rollout: { haltedStrata: [{ stratum: 'aws 4.19', because: '3 broke', at: T0 }] } },
      'worse',
      '3 broke',
    ],
    [
      'of silent ones alone',
      { see: '? ?', at: 600 },
      'not enough data',
      'no control plane runs the image yet',
    ],
  ])('%s', (_what, scene, kind, because) => {
    const found = verdict(scene);
    expect(found.kind).toBe(kind);
    if (because instanceof RegExp) expect(found.because).toMatch(because);
    else expect(found.because).toBe(because);
  });
});
