// Goal: what the planner does, as pictures. Each picture names the targets wave by wave, what is seen of
// each, and what follows. Targets share management cluster `x` unless the row `cluster` says otherwise.
import { describe, expect, test } from 'vitest';
import { type Instant, MINUTE } from '../base/instant.ts';
import type { Verdict } from '../health/verdict.ts';
import { digestOf, minute, T0 } from '../life/testing.ts';
import { blindWave, next, soaking } from './next.ts';
import type { Observed, ObservedTarget } from './observed.ts';
import type { Limits, Plan } from './plan.ts';
import type { Step } from './step.ts';

const LIMITS: Limits = {
  inFlightPerManagementCluster: 2,
  failedPerWaveMax: 1,
  failedPerManagementClusterMax: 1,
  unknownMax: 0,
  convergeWithinMs: 20 * MINUTE,
  silentAfterMs: 10 * MINUTE,
};

/** · waiting  h held  m held for good  ▸ starting  ✓ patched  ✗ failed  ? silent  x excluded  ∅ gone  ◂ rolling back  ○ rolled back  ! asked to go back */
const GLYPHS: Readonly<Record<string, Partial<ObservedTarget>>> = {
  '·': { state: 'waiting' },
  h: { state: 'waiting', hold: 'an upgrade is running' },
  m: { state: 'waiting', hold: 'runs another image', misfit: true },
  '▸': { state: 'starting' },
  '✓': { state: 'patched' },
  '✗': { state: 'failed', broke: true },
  '?': { state: 'silent' },
  x: { state: 'excluded' },
  '∅': { state: 'gone' },
  '◂': { state: 'rolling back', broke: true },
  '○': { state: 'rolled back', broke: true },
  '!': { state: 'patched', rollbackWanted: 'asked' },
};

type Scene = {
  readonly targets: string;
  readonly state: string;
  readonly cluster?: string;
  readonly limits?: Partial<Limits>;
  readonly passed?: readonly number[];
  readonly advanced?: readonly number[];
  readonly paused?: boolean;
  readonly halted?: boolean;
  readonly verdict?: Verdict;
  /** Minutes after T0; every state began at T0. */
  readonly at?: number;
};

const cells = (row: string) => (row === '' ? [] : row.split('|').map((wave) => wave.trim().split(/\s+/)));

function sceneOf(scene: Scene): { plan: Plan; observed: Observed; verdict: Verdict; now: Instant } {
  const waves = cells(scene.targets);
  const states = cells(scene.state).flat();
  const clusters = scene.cluster ? cells(scene.cluster).flat() : [];
  const names = waves.flat();
  const plan: Plan = {
    id: 'P-00000001',
    hash: '',
    fix: 'FIX-1',
    policy: 'p',
    at: T0,
    validUntil: minute(600),
    leftOut: [],
    targets: waves.flatMap((wave, w) =>
      wave.map((name) => ({
        uid: name,
        name,
        managementCluster: clusters[names.indexOf(name)] ?? 'x',
        component: 'cpo',
        line: '4.19.1',
        digest: digestOf('fix'),
        from: digestOf('release'),
        wave: w + 1,
      })),
    ),
    waves: waves.map((wave) => ({ size: wave.length, soakMs: 10 * MINUTE })),
    limits: { ...LIMITS, ...scene.limits },
  };
  const targets = names.map((uid, i) => ({ uid, since: T0, broke: false, ...GLYPHS[states[i]!] }));
  return {
    plan,
    observed: {
      targets: targets as ObservedTarget[],
      advanced: scene.advanced ?? [],
      passed: (scene.passed ?? []).map((wave) => ({ wave, at: T0 })),
      ...(scene.paused && { paused: { by: 'kim', reason: 'looks odd', at: T0 } }),
      ...(scene.halted && { halted: { because: '2 failed', at: T0 } }),
    },
    verdict: scene.verdict ?? { kind: 'not worse', because: 'fine' },
    now: minute(scene.at ?? 5),
  };
}

const stepOf = (scene: Scene): Step => {
  const { plan, observed, verdict, now } = sceneOf(scene);
  return next(plan, observed, verdict, now);
};

/** `start a b · back c · pass 1 · done`, or `nothing`. */
function told(step: Step): string {
  const parts = [
    step.start.length > 0 && `start ${step.start.join(' ')}`,
    step.rollback.length > 0 && `back ${step.rollback.join(' ')}`,
    step.pass.length > 0 && `pass ${step.pass.join(' ')}`,
    step.halt !== undefined && 'halt',
    step.done && 'done',
  ].filter((part) => part !== false);
  return parts.join(' · ') || 'nothing';
}

type Picture = readonly [name: string, scene: Scene, told: string, because: string | undefined];

const PICTURES = (
  [
    [
      'the first wave starts, as many as may be on their way',
      { targets: 'a b c | d e', state: '· · · | · ·' },
      'start a b',
      'wave 1: room for 2',
    ],
    [
      'management clusters have room each of their own',
      { targets: 'a b c d | e', cluster: 'x x x y | y', state: '· · · · | ·' },
      'start a b d',
    ],
    ['one slot is taken, one is free', { targets: 'a b c | d', state: '▸ · · | ·' }, 'start b'],
    [
      'the next wave does not start while one of the wave before is under way',
      { targets: 'a b | c d', state: '✓ ▸ | · ·' },
      'nothing',
      'waiting for 1 on their way',
    ],
    [
      'the next wave waits for the soak',
      { targets: 'a b | c d', state: '✓ ✓ | · ·', at: 9 },
      'nothing',
      'waiting for soak of wave 1: 10m',
    ],
    [
      'after the soak the wave passes and the next starts',
      { targets: 'a b | c d', state: '✓ ✓ | · ·', at: 10 },
      'start c d · pass 1',
      'wave 1 passed; wave 2: room for 2',
    ],
    [
      'a soak that a person ended is over',
      { targets: 'a b | c d', state: '✓ ✓ | · ·', at: 1, advanced: [1] },
      'start c d · pass 1',
    ],
    [
      'ending the soak of a wave does not hurry what is under way in it',
      { targets: 'a b | c d', state: '✓ ▸ | · ·', at: 30, advanced: [1] },
      'nothing',
    ],
    [
      'advancing a later wave changes nothing for the one before it',
      { targets: 'a b | c d', state: '✓ ✓ | · ·', at: 1, advanced: [2] },
      'nothing',
    ],
    [
      'a failure goes back and its slot is not given away meanwhile',
      { targets: 'a b c | d', state: '✓ ✗ · | ·', limits: { inFlightPerManagementCluster: 1 } },
      'back b',
      '1 failed and go back',
    ],
    [
      'what a person asked back goes back and the rest goes on',
      { targets: 'a b c | d', state: '! ✓ · | ·' },
      'start c · back a',
    ],
    [
      'a wave with too many silent does not pass',
      { targets: 'a b | c', state: '✓ ? | ·', at: 60 },
      'nothing',
      'waiting for a report from 1 silent',
    ],
    [
      'a wave passes with as many silent as the policy allows',
      { targets: 'a b | c', state: '✓ ? | ·', at: 60, limits: { unknownMax: 1 } },
      'start c · pass 1',
    ],
    [
      'held targets do not hold up a wave in which others are fine',
      { targets: 'a b | c', state: '✓ h | ·', at: 10 },
      'start c · pass 1',
    ],
    [
      'what was held follows when it can, in a wave that has passed',
      { targets: 'a b | c', state: '✓ · | ✓', passed: [1], at: 20 },
      'start b · pass 2',
    ],
    [
      'a first wave that is held as a whole does not let the larger second one go first',
      { targets: 'a b | c d', state: 'h h | · ·', at: 60 },
      'nothing',
      'waiting for anything to run the image: nothing of wave 1 does',
    ],
    [
      'nor does one that failed as a whole, though the limit allows the failures',
      { targets: 'a | b c', state: '○ | · ·', at: 60 },
      'nothing',
      'waiting for anything to run the image: nothing of wave 1 does',
    ],
    [
      'nor one that is silent as a whole',
      { targets: 'a | b c', state: '? | · ·', at: 60, limits: { unknownMax: 5 } },
      'nothing',
    ],
    [
      'a person may go on all the same',
      { targets: 'a | b c', state: '○ | · ·', at: 60, advanced: [1] },
      'start b c · pass 1',
    ],
    [
      'a wave that nobody is left in passes by itself',
      { targets: 'a b e | c d', state: 'x ∅ m | · ·', at: 0 },
      'start c d · pass 1',
    ],
    [
      'a wave of which nothing is left does not stop those after it once something runs the image',
      { targets: 'a | b c | d', state: '✓ | ○ h | ·', passed: [1], at: 0 },
      'start d · pass 2',
    ],
    [
      'the last wave passes, and that is all',
      { targets: 'a | b', state: '✓ | ✓', passed: [1], at: 10 },
      'pass 2 · done',
    ],
    [
      'one that is released at the end is started, and it is not the end',
      { targets: 'a b', state: '✓ ·', passed: [1], at: 10 },
      'start b',
    ],
    [
      'while something goes back it is not the end',
      { targets: 'a b', state: '✓ ◂', passed: [1], at: 10 },
      'nothing',
      'waiting for 1 on their way',
    ],
    ['a plan with no wave has nothing to do', { targets: '', state: '' }, 'done', 'every wave has passed'],
    [
      'a pause starts nothing',
      { targets: 'a b', state: '· ·', paused: true },
      'nothing',
      'paused by kim for 5m: looks odd',
    ],
    ['a pause passes no wave', { targets: 'a | b', state: '✓ | ·', at: 60, paused: true }, 'nothing'],
    [
      'a pause does not keep failures from going back',
      { targets: 'a b', state: '✗ ·', paused: true },
      'back a',
    ],
    [
      'a pause does not keep a bad verdict from halting',
      { targets: 'a b', state: '✗ ✓', paused: true, verdict: { kind: 'worse', because: '2 failed' } },
      'back a · halt',
    ],
    [
      'a bad verdict halts and takes back the newest first, a third at a time',
      { targets: 'a b c d e f', state: '✓ ✓ ✓ ✗ ▸ ?', verdict: { kind: 'worse', because: 'bad' } },
      'back a b · halt',
    ],
    [
      'a halt starts nothing',
      { targets: 'a b', state: '✓ ·', halted: true },
      'back a',
      'halted (2 failed); 1 to go back',
    ],
    [
      'a halt ends when all are back',
      { targets: 'a b c d', state: '○ · ∅ x', halted: true },
      'done',
      'halted (2 failed); all are back',
    ],
    [
      'a halt waits for those on their way back',
      { targets: 'a b', state: '◂ ○', halted: true },
      'nothing',
      'halted (2 failed); 1 to go back',
    ],
    [
      'one that is still not back when its order has run out is told again',
      { targets: 'a b', state: '◂ ○', halted: true, at: 60 },
      'back a',
    ],
    [
      'one that does not come back in its time does not keep the others',
      { targets: 'a b', state: '◂ ✓', halted: true, at: 20 },
      'back b',
    ],
    ['and until then they wait', { targets: 'a b', state: '◂ ✓', halted: true, at: 19 }, 'nothing'],
    ['a deleted target is not told to go back', { targets: 'a b', state: '∅ ✓', halted: true }, 'back b'],
  ] as readonly (readonly [string, Scene, string, string?])[]
).map(([name, scene, told, because]): Picture => [name, scene, told, because]);

describe('a step of the rollout', () => {
  test.each(PICTURES)('%s', (_name, scene, expected, because) => {
    const step = stepOf(scene);
    expect(told(step)).toBe(expected);
    if (because !== undefined) expect(step.because).toBe(because);
    expect(step.because).not.toBe('');
  });
});

test.each([0, -1, 0.5, Number.NaN, Number.POSITIVE_INFINITY, undefined as unknown as number])(
  'a limit of %s on the unknown lets no wave with a silent one pass, and on those in flight lets one start',
  (limit) => {
    const silent = { targets: 'a b | c', state: '✓ ? | ·', at: 60, limits: { unknownMax: limit } };
    expect(told(stepOf(silent))).toBe('nothing');
    const ready = { targets: 'a b c', state: '· · ·', limits: { inFlightPerManagementCluster: limit } };
    expect(told(stepOf(ready))).toBe('start a');
  },
);

describe('what is waited for', () => {
  test('a soak ends by itself, and an operator may end it', () => {
    const step = stepOf({ targets: 'a | b', state: '✓ | ·' });
    expect(step.wait).toEqual([
      { for: 'soak of wave 1: 10m', since: T0, endsAt: minute(10), whoCan: ['operator', 'on-call'] },
    ]);
    expect(step.askAgainAt).toBe(minute(10));
  });

  test('a target on its way is asked about again when it has had long enough', () => {
    const step = stepOf({ targets: 'a | b', state: '▸ | ·' });
    expect(step.wait).toEqual([{ for: '1 on their way', since: T0, endsAt: minute(20), whoCan: [] }]);
    expect(step.askAgainAt).toBe(minute(20));
  });

  test('one that goes back takes as long as it takes, until its order runs out', () => {
    expect(stepOf({ targets: 'a b', state: '◂ ✓' }).askAgainAt).toBe(minute(20));
    const step = stepOf({ targets: 'a b', state: '◂ ✓', at: 30 });
    expect(step.wait[0]).toEqual({ for: '1 on their way', since: T0, whoCan: [] });
    expect(step.askAgainAt).toBe(minute(60));
  });

  test('held targets are named by what holds them, most first, and looked at again', () => {
    const step = stepOf({ targets: 'a b c | d', state: 'h m h | h', at: 5 });
    expect(step.wait.map((w) => w.for)).toEqual([
      'anything to run the image: nothing of wave 1 does',
      '2 held: an upgrade is running',
      '1 held: runs another image',
    ]);
    expect(step.askAgainAt).toBe(minute(10));
  });

  test('a target nobody has looked at is not started and is named', () => {
    const scene = sceneOf({ targets: 'a b', state: '· ✓' });
    const observed = { ...scene.observed, targets: scene.observed.targets.slice(1) };
    const step = next(scene.plan, observed, scene.verdict, scene.now);
    expect(told(step)).toBe('nothing');
    expect(step.because).toBe('waiting for a first look at 1');
  });

  test('during a pause it is asked again when one on its way has had long enough', () => {
    const step = stepOf({ targets: 'a b', state: '▸ ·', paused: true });
    expect(step.wait).toEqual([
      { for: 'resume: paused by kim (looks odd)', since: T0, whoCan: ['operator', 'on-call'] },
    ]);
    expect(step.askAgainAt).toBe(minute(20));
  });
});

describe('the soak', () => {
  test('counts from the last one that was seen to run the image', () => {
    const { plan, observed } = sceneOf({ targets: 'a b', state: '✓ ✓' });
    const later = { ...observed.targets[1]!, since: minute(7) };
    const soak = soaking(plan, { ...observed, targets: [observed.targets[0]!, later] }, 1);
    expect(soak).toEqual({ beganAt: minute(7), endsAt: minute(17), soakMs: 10 * MINUTE });
  });

  test.each([
    ['of a wave under way', { targets: 'a b', state: '✓ ▸' }, 1],
    ['of a wave that has shown nothing', { targets: 'a | b', state: '○ | ·' }, 1],
    ['past the last wave', { targets: 'a', state: '✓' }, 2],
  ] as const)('%s there is none', (_what, scene, wave) => {
    const { plan, observed } = sceneOf(scene);
    expect(soaking(plan, observed, wave)).toBeUndefined();
  });

  test('a wave that has shown nothing is named until a person goes on', () => {
    const scene = { targets: 'a | b', state: '○ | ·' };
    const blind = (it: Scene) => blindWave(sceneOf(it).plan, sceneOf(it).observed);
    expect(blind(scene)).toBe(1);
    expect(blind({ ...scene, advanced: [1] })).toBeUndefined();
    expect(blind({ ...scene, state: '▸ | ·' })).toBeUndefined();
    expect(blind({ ...scene, state: '✓ | ·' })).toBeUndefined();
  });
});
